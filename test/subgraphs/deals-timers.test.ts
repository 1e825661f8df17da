import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DealsUnderTest, alpenland, dayMs, dealInput, hourMs, northwind, startDeals } from './deals-under-test.ts'
import { operator } from './subgraph-under-test.ts'

let deals: DealsUnderTest

beforeAll(async () => {
  deals = await startDeals()
})
afterAll(() => deals?.stop())

/** Moves the clock and has several processes find what is due at the same time. */
async function pass(milliseconds: number): Promise<void> {
  deals.advanceClock(milliseconds)
  await Promise.all([deals.runTimers(), deals.runTimers(), deals.runTimers()])
}

async function told(id: string, type: string) {
  return (await deals.eventsOf(id)).filter((event) => event.type === type)
}

async function stateOf(id: string): Promise<string> {
  const query = 'query ($id: ID!) { dealRegistration(id: $id) { state } }'
  const { data } = await deals.execute<{ dealRegistration: { state: string } }>(operator, query, { id })
  return data.dealRegistration.state
}

async function approved(input = dealInput()): Promise<string> {
  const { id } = await deals.done(northwind, 'registerDeal', input)
  await deals.done(operator, 'decideDeal', { id, decision: 'APPROVE' })
  return id
}

describe('a decision', () => {
  it('that is not made within 48 hours is told once, under review or not, and once more after it is resubmitted', async () => {
    const { id } = await deals.done(northwind, 'registerDeal', dealInput())
    await pass(47 * hourMs)
    expect(await told(id, 'deal.decision_overdue')).toEqual([])
    await pass(2 * hourMs)
    await deals.done(operator, 'reviewDeal', { id, expectedVersion: 1 })
    await pass(dayMs)
    expect((await told(id, 'deal.decision_overdue')).length).toBe(1)
    await deals.done(operator, 'decideDeal', { id, decision: 'RETURN', reason: 'Incomplete.' })
    await deals.done(northwind, 'submitDeal', { id })
    await pass(3 * dayMs)
    expect((await told(id, 'deal.decision_overdue')).length).toBe(2)
  })

  it('that is made in time is not told as overdue', async () => {
    const { id } = await deals.done(northwind, 'registerDeal', dealInput())
    await deals.done(operator, 'decideDeal', { id, decision: 'APPROVE' })
    await pass(3 * dayMs)
    expect(await told(id, 'deal.decision_overdue')).toEqual([])
  })
})

describe('a protection', () => {
  it('is told to end 14 and 3 days before, each once, and ends', async () => {
    const input = dealInput()
    const id = await approved(input)
    const notices = async () => (await told(id, 'deal.protection_expiring')).map(({ data }) => data['daysLeft'])
    await pass(75 * dayMs)
    expect(await notices()).toEqual([])
    await pass(2 * dayMs)
    expect(await notices()).toEqual([14])
    await pass(5 * dayMs)
    await pass(6 * dayMs)
    expect(await notices()).toEqual([14, 3])
    expect(await stateOf(id)).toBe('APPROVED')
    await pass(3 * dayMs)
    expect(await stateOf(id)).toBe('EXPIRED')
    expect(await notices()).toEqual([14, 3])
    expect((await told(id, 'deal.expired')).length).toBe(1)
    expect((await deals.call(alpenland, 'registerDeal', input)).codes).toEqual([])
  })

  it('that is extended is told to end anew, 60 days later', async () => {
    const id = await approved()
    await pass(80 * dayMs)
    await deals.done(northwind, 'extendDeal', { id, evidence: [{ kind: 'QUOTE', text: 'Offer.' }] })
    await pass(30 * dayMs)
    expect((await told(id, 'deal.protection_expiring')).length).toBe(1)
    await pass(30 * dayMs)
    expect((await told(id, 'deal.protection_expiring')).map(({ data }) => data['daysLeft'])).toEqual([14, 14])
    expect(await stateOf(id)).toBe('APPROVED')
    await pass(15 * dayMs)
    expect(await stateOf(id)).toBe('EXPIRED')
  })

  it('of an opportunity ends and leaves the opportunity as it is', async () => {
    const id = await approved()
    await deals.done(northwind, 'convertDeal', { id })
    await pass(91 * dayMs)
    expect((await told(id, 'deal.protection_ended')).length).toBe(1)
    expect(await stateOf(id)).toBe('CONVERTED')
    expect((await deals.call(northwind, 'extendDeal', { id, evidence: [{ kind: 'QUOTE', text: 'x' }] })).codes).toEqual(
      ['PROTECTION_ENDED'],
    )
  })

  it('of a deal that is won is not told to end', async () => {
    const id = await approved()
    await deals.done(northwind, 'winDeal', { id })
    await pass(91 * dayMs)
    expect((await deals.eventsOf(id)).at(-1)?.type).toBe('deal.won')
  })
})

it('a returned registration that is not completed within 14 days gives its customer up', async () => {
  const { id } = await deals.done(northwind, 'registerDeal', dealInput())
  await deals.done(operator, 'decideDeal', { id, decision: 'RETURN', reason: 'Incomplete.' })
  await pass(13 * dayMs)
  expect(await stateOf(id)).toBe('RETURNED')
  await pass(2 * dayMs)
  expect(await stateOf(id)).toBe('EXPIRED')
})
