import { afterAll, beforeAll, expect, it } from 'vitest'
import { reportDeprecatedUses } from '../../gateway/reports/report-deprecated-uses.ts'
import { systemCaller } from '../../kit/caller.ts'
import { type PartnerUnderTest, dayMs, startPartner } from './partner-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

let graph: PartnerUnderTest
beforeAll(async () => {
  graph = await startPartner()
})
afterAll(() => graph?.stop())

const gateway = systemCaller(['system:usage'])
const mutation = 'mutation ($uses: [DeprecatedUseInput!]!) { reportDeprecatedUses(uses: $uses) }'

async function registerApp(): Promise<string> {
  const { entity } = await graph.mutate<{ id: string }>(callerOf('northwind'), {
    name: 'registerApp',
    entity: 'app',
    input: { name: 'Old Client', environment: 'LIVE', scopes: ['catalog:read'] },
  })
  return entity.id
}

const use = (appId: string, coordinate: string) => ({
  appId,
  coordinate,
  reason: 'Too slow.',
  sunset: '2027-03-01',
  replacement: 'Query.products',
})
const report = async (...uses: object[]) =>
  (await graph.ask<{ reportDeprecatedUses: number }>(gateway, mutation, { uses })).reportDeprecatedUses
const mailsOf = async () =>
  (await graph.connection.collection('mail_queue').find({ kind: 'deprecated-use' }).toArray()).map((mail) => ({
    to: String(mail['to']),
    facts: JSON.parse(String(mail['facts'])) as { appName: string; uses: string },
  }))
const eventsOf = async (appId: string) =>
  (await graph.events('schema.deprecated_field_used')).filter(({ subject }) => subject === appId)

const asGateway: Parameters<typeof reportDeprecatedUses>[0] = async (_subgraph, text, variables, caller) => {
  const { data, errors } = await graph.execute<Record<string, unknown>>(caller, text, { ...variables })
  return { data, ...(errors ? { errors } : {}) }
}

it('writes to the owner of an app once a week, with all that it used since', async () => {
  const appId = await registerApp()
  expect(await report(use(appId, 'Query.goods'), use(appId, 'Query.goods(sort:)'))).toBe(1)
  const first = await mailsOf()
  expect(first.length).toBeGreaterThan(0)
  expect(first[0]?.facts).toMatchObject({
    appName: 'Old Client',
    uses: [
      'Query.goods (gone from 2027-03-01): use Query.products: Too slow.',
      'Query.goods(sort:) (gone from 2027-03-01): use Query.products: Too slow.',
    ].join('\n'),
  })
  graph.advanceClock(6 * dayMs)
  expect(await report(use(appId, 'Product.colour'))).toBe(0)
  expect(await mailsOf()).toHaveLength(first.length)
  graph.advanceClock(dayMs)
  expect(await report(use(appId, 'Query.goods'))).toBe(1)
  expect((await eventsOf(appId)).map(({ data }) => data)).toMatchObject([
    { appId, coordinates: ['Query.goods', 'Query.goods(sort:)'], nextSunset: '2027-03-01' },
    { appId, coordinates: ['Query.goods', 'Product.colour'] },
  ])
  expect(await mailsOf()).toHaveLength(2 * first.length)
})

it('tells once when several gateways report at the same time', async () => {
  const appId = await registerApp()
  const told = await Promise.all(Array.from({ length: 5 }, (_, index) => report(use(appId, `Query.old${index}`))))
  expect(told.reduce((sum, one) => sum + one, 0)).toBe(1)
  expect(await eventsOf(appId)).toHaveLength(1)
})

it('understands what gateways send', async () => {
  const appId = await registerApp()
  await reportDeprecatedUses(asGateway, [
    { ...use(appId, 'Query.goods'), sunset: null, reason: null, replacement: null },
  ])
  expect((await eventsOf(appId)).map(({ data }) => data)).toMatchObject([{ nextSunset: null }])
  await expect(reportDeprecatedUses(asGateway, [use('app_?', 'Query.goods')])).rejects.toThrow(/did not take/)
})

it('writes to nobody of an app that was revoked or is none', async () => {
  const appId = await registerApp()
  await graph.mutate(callerOf('northwind'), { name: 'revokeApp', entity: 'app', input: { id: appId, reason: 'Old.' } })
  expect(await report(use(appId, 'Query.goods'))).toBe(0)
})

it('takes reports from gateways alone, and none that is malformed', async () => {
  const appId = await registerApp()
  const asOperator = await graph.execute(operator, mutation, { uses: [use(appId, 'Query.goods')] })
  expect(asOperator.errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN')
  for (const uses of [[], [use('app_?', 'Query.goods')], [use(appId, 'Query.goods }')]]) {
    const { errors } = await graph.execute(gateway, mutation, { uses })
    expect(errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
  }
})
