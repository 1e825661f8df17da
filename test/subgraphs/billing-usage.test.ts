import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { seededId } from '../../kit/ids.ts'
import { type BillingUnderTest, addApp, addPlan, startBilling } from './billing-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

let billing: BillingUnderTest
beforeAll(async () => {
  billing = await startBilling()
  await addPlan(billing, 'free', '0.00', { isDefault: true })
})
afterAll(async () => billing[Symbol.asyncDispose]())
beforeEach(() => billing.goTo('2026-03-16T12:00:00.000Z'))

interface Event {
  readonly source: string
  readonly id: string
  readonly appId: string
  readonly meter: string
  readonly quantity: number
  readonly time: string
}
interface Report {
  readonly accepted: number | null
  readonly duplicates: number | null
}
const report = (events: readonly Event[], as = operator) =>
  billing.call<Report>(as, 'reportUsage', { events }, 'accepted duplicates')
const event = (appId: string, id: string, fields: Partial<Event> = {}): Event => ({
  source: 'translator',
  id,
  appId,
  meter: 'pages',
  quantity: 3,
  time: billing.now().toISOString(),
  ...fields,
})
const metersOf = async (appId: string, as = operator) => {
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on App { meters(period: "2026-03") { meter quantity } } } }`
  const variables = { r: [{ __typename: 'App', id: appId }] }
  const { _entities } = await billing.read<{ _entities: ({ meters: object[] } | null)[] }>(as, query, variables)
  return _entities[0]?.meters
}

describe('usage events', () => {
  test('are counted once by source and id, in one report or in many', async () => {
    const appId = await addApp(billing, 'northwind', 'once')
    expect(await report([event(appId, '1'), event(appId, '1'), event(appId, '2')])).toMatchObject({
      accepted: 2,
      duplicates: 1,
    })
    expect(await report([event(appId, '2'), event(appId, '3')])).toMatchObject({ accepted: 1, duplicates: 1 })
    expect(await report([event(appId, '3', { source: 'other' })])).toMatchObject({ accepted: 1, duplicates: 0 })
    expect(await metersOf(appId)).toEqual([{ meter: 'pages', quantity: 12 }])
    expect(await metersOf(appId, callerOf('northwind'))).toEqual([{ meter: 'pages', quantity: 12 }])
    expect(await metersOf(appId, callerOf('contoso'))).toBeUndefined()
  })

  test('are counted once when many report them at the same time', async () => {
    const appId = await addApp(billing, 'northwind', 'race')
    const events = Array.from({ length: 20 }, (_, index) => event(appId, `race-${index}`))
    const answers = await Promise.all(Array.from({ length: 6 }, () => report(events)))
    expect(answers.reduce((sum, { accepted }) => sum + (accepted ?? 0), 0)).toBe(20)
    expect(await metersOf(appId)).toEqual([{ meter: 'pages', quantity: 60 }])
  })

  test('come to the sum of the distinct ones, whatever the order and repetition', async () => {
    let run = 0
    const appId = await addApp(billing, 'northwind', 'property')
    const batches = fc.array(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }), {
      minLength: 1,
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(batches, async (ids) => {
        run += 1
        const meter = `run-${run}`
        for (const batch of ids) {
          const { userErrors } = await report(batch.map((id) => event(appId, `${run}-${id}`, { meter, quantity: id })))
          expect(userErrors).toEqual([])
        }
        const quantity = [...new Set(ids.flat())].reduce((sum, id) => sum + id, 0)
        expect(await metersOf(appId)).toContainEqual({ meter, quantity })
      }),
      { numRuns: 15 },
    )
  })

  test('may be late by three days and not more', async () => {
    const appId = await addApp(billing, 'northwind', 'late')
    expect(await report([event(appId, 'late', { time: '2026-03-13T12:00:00.000Z' })])).toMatchObject({ accepted: 1 })
    const tooLate = await report([event(appId, 'later', { time: '2026-03-13T11:59:59.999Z' }), event(appId, 'now')])
    expect(tooLate).toMatchObject({ accepted: null, userErrors: [{ code: 'TOO_LATE' }] })
    expect(await metersOf(appId)).toEqual([{ meter: 'pages', quantity: 3 }])
  })

  test.each([
    ['of the future', { time: '2026-03-16T13:00:00.001Z' }, 'IN_THE_FUTURE'],
    ['of no app with a plan', { appId: seededId('App', 'nobody') }, 'APP_NOT_FOUND'],
    ['of a meter that gateways count', { meter: 'calls' }, 'INVALID_METER'],
    ['of half a unit', { quantity: 0.5 }, 'INVALID_QUANTITY'],
    ['of nothing', { quantity: 0 }, 'INVALID_QUANTITY'],
    ['without a source', { source: '' }, 'INVALID_SOURCE'],
    ['with an endless id', { id: 'x'.repeat(201) }, 'INVALID_EVENT_ID'],
  ])('%s are refused', async (_case, fields, code) => {
    const appId = await addApp(billing, 'northwind', 'refused')
    expect(await report([event(appId, 'refused', fields)])).toMatchObject({ accepted: null, userErrors: [{ code }] })
  })

  test('are reported by the operator alone', async () => {
    const appId = await addApp(billing, 'northwind', 'partner')
    await expect(report([event(appId, 'mine')], callerOf('northwind'))).rejects.toThrow('FORBIDDEN')
  })
})

const line = (number: number, fields: Event) => ({ number, values: { ...fields, time: new Date(fields.time) } })

describe('an import of usage events', () => {
  test('counts lines once, refuses those at fault by line and column, and takes few commands', async () => {
    const appId = await addApp(billing, 'polder', 'import')
    const lines = [
      ...Array.from({ length: 998 }, (_, index) => line(index + 1, event(appId, `line-${index}`, { quantity: 1 }))),
      line(999, event(appId, 'old', { time: '2026-01-01T00:00:00.000Z' })),
      line(1_000, event(seededId('App', 'nobody'), 'unknown')),
    ]
    let commands = 0
    const count = () => {
      commands += 1
    }
    const client = billing.connection.getClient()
    client.on('commandStarted', count)
    const refusals = await billing.importLines(lines)
    client.off('commandStarted', count)
    expect(commands).toBeLessThanOrEqual(5)
    expect(refusals).toMatchObject([
      { line: 999, column: 'time', code: 'TOO_LATE' },
      { line: 1_000, column: 'appId', code: 'APP_NOT_FOUND' },
    ])
    await billing.importLines(lines)
    expect(await metersOf(appId)).toEqual([{ meter: 'pages', quantity: 998 }])
  })

  test('is for the operator', async () => {
    const appId = await addApp(billing, 'polder', 'import-denied')
    expect(await billing.importLines([line(1, event(appId, 'x'))], callerOf('polder'))).toMatchObject([
      { line: 1, code: 'FORBIDDEN' },
    ])
  })
})

test("what an app used before its subscription was known is its organization's from the next call on", async () => {
  const appId = seededId('App', 'northwind:early')
  const query = 'mutation ($b: ID!, $r: [UsageRecordInput!]!) { recordUsage(batchId: $b, records: $r) }'
  const use = (batchId: string) => {
    const record = { appId, hour: billing.now().toISOString(), calls: 2, cost: 6, errors: 0 }
    return billing.read({ ...operator, scopes: ['system:usage'] }, query, { b: batchId, r: [record] })
  }
  await use('early-1')
  await addApp(billing, 'northwind', 'early')
  await use('early-2')
  const usage = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on App { usage { calls cost } } } }'
  const answer = await billing.read(callerOf('northwind'), usage, { r: [{ __typename: 'App', id: appId }] })
  expect(answer).toEqual({ _entities: [{ usage: { calls: 4, cost: 12 } }] })
})
