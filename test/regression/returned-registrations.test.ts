import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type DealsUnderTest,
  alpenland,
  dayMs,
  dealInput,
  northwind,
  startDeals,
} from '../subgraphs/deals-under-test.ts'
import { operator } from '../subgraphs/subgraph-under-test.ts'

let deals: DealsUnderTest

beforeAll(async () => {
  deals = await startDeals()
})
afterAll(() => deals?.stop())

async function returned(input: object = dealInput()): Promise<{ readonly id: string }> {
  const { id } = await deals.done(northwind, 'registerDeal', input)
  return deals.done(operator, 'decideDeal', { id, decision: 'RETURN', reason: 'Name the buyer.' })
}

describe('a returned registration whose 14 days are over before a timer has come by', () => {
  it('is told so when it is submitted or edited, and its customer is free', async () => {
    const input = dealInput()
    const { id } = await returned(input)
    deals.advanceClock(14 * dayMs)
    for (const name of ['submitDeal', 'editDeal'] as const) {
      expect((await deals.call(northwind, name, { id })).codes).toEqual(['PROTECTION_ENDED'])
    }
    expect(await deals.done(alpenland, 'registerDeal', input)).toMatchObject({ state: 'SUBMITTED' })
    expect((await deals.eventsOf(id)).at(-1)?.type).toBe('deal.expired')
  })
})

describe('an approved registration whose protection is over before a timer has come by', () => {
  it('is neither converted nor won, but can be lost', async () => {
    const { id } = await deals.done(northwind, 'registerDeal', dealInput())
    await deals.done(operator, 'decideDeal', { id, decision: 'APPROVE' })
    deals.advanceClock(90 * dayMs)
    for (const name of ['convertDeal', 'winDeal'] as const) {
      expect((await deals.call(northwind, name, { id })).codes).toEqual(['PROTECTION_ENDED'])
    }
    expect(await deals.done(northwind, 'loseDeal', { id, reason: 'Too late.' })).toMatchObject({ state: 'LOST' })
  })
})

describe('a returned registration that is edited', () => {
  it('takes no customer that the platform company keeps for itself', async () => {
    const kept = dealInput()
    await deals.done(operator, 'reserveCustomer', { kind: 'NAMED_ACCOUNT', customer: kept.customer })
    const { id } = await returned()
    expect((await deals.call(northwind, 'editDeal', { id, customer: kept.customer })).codes).toEqual(['NAMED_ACCOUNT'])
  })

  it('takes no customer of a territory that the partner does not serve, so that nobody is kept out there', async () => {
    const elsewhere = dealInput({ customer: { name: 'Crag Foods Ltd', domain: 'crag-foods.example', country: 'GB' } })
    expect((await deals.call(northwind, 'registerDeal', elsewhere)).codes).toEqual(['NOT_ENTITLED'])
    const { id } = await returned()
    expect((await deals.call(northwind, 'editDeal', { id, customer: elsewhere.customer })).codes).toEqual([
      'NOT_ENTITLED',
    ])
  })
})

describe('what a deal is won for', () => {
  it('is in a currency of its program, by whichever mutation it is told', async () => {
    const { id } = await deals.done(northwind, 'registerDeal', dealInput())
    await deals.done(operator, 'decideDeal', { id, decision: 'APPROVE' })
    const odd = { amount: '999999999999', currencyCode: 'ZZZ' }
    expect((await deals.call(northwind, 'convertDeal', { id, amount: odd })).codes).toEqual(['UNSUPPORTED_CURRENCY'])
    expect((await deals.call(northwind, 'winDeal', { id, value: odd })).codes).toEqual(['UNSUPPORTED_CURRENCY'])
    const { opportunity } = await deals.done(northwind, 'convertDeal', { id })
    const target = { id: opportunity?.id }
    for (const [name, more] of [
      ['updateOpportunity', { amount: odd }],
      ['winOpportunity', { value: odd }],
    ] as const) {
      expect((await deals.call(northwind, name, { ...target, ...more })).codes).toEqual(['UNSUPPORTED_CURRENCY'])
    }
  })

  it('is refused where it could not be told exactly, and is no fault', async () => {
    const huge = { amount: '999999999999.9999', currencyCode: 'CLF' }
    const { userErrors } = await deals.call(northwind, 'registerDeal', dealInput({ estimatedValue: huge }))
    expect(userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: ['input', 'estimatedValue'] }])
  })
})

it('a reopened opportunity whose customer another partner has taken is told of no end of a protection', async () => {
  const input = dealInput()
  const { id } = await deals.done(northwind, 'registerDeal', input)
  await deals.done(operator, 'decideDeal', { id, decision: 'APPROVE' })
  await deals.done(northwind, 'convertDeal', { id })
  await deals.done(northwind, 'winDeal', { id })
  await deals.done(alpenland, 'registerDeal', input)
  await deals.done(operator, 'reopenDeal', { id })
  const evidence = [{ kind: 'QUOTE', text: 'Offer.' }]
  expect((await deals.call(northwind, 'extendDeal', { id, evidence })).codes).toEqual(['PROTECTION_ENDED'])
  deals.advanceClock(20 * dayMs)
  await deals.runTimers()
  expect((await deals.eventsOf(id)).map(({ type }) => type)).not.toContain('deal.protection_ended')
})
