import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEventLog } from '../../events/event-log.ts'
import { createEventCursors } from '../../kit/event-cursor.ts'
import { createLogger } from '../../kit/log.ts'
import { MutationRefused } from '../../storage/mutate.ts'
import type { DealContext } from '../../subgraphs/deals/deal-context.ts'
import { createDealLoaders } from '../../subgraphs/deals/loaders.ts'
import { createDealModels } from '../../subgraphs/deals/models.ts'
import { type RegisterDealInput, registerDeal } from '../../subgraphs/deals/registrations/register-deal.ts'
import { demoOrganizations } from '../../subgraphs/demo-world/organizations.ts'
import { demoProduct } from '../../subgraphs/demo-world/products.ts'
import { type DealsUnderTest, alpenland, dayMs, dealInput, northwind, startDeals } from './deals-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

let deals: DealsUnderTest

beforeAll(async () => {
  deals = await startDeals()
})
afterAll(() => deals?.stop())

const sellersOfDach = demoOrganizations
  .filter(({ territories, status }) => territories.includes('DACH') && status === 'APPROVED')
  .map(({ slug }) => callerOf(slug))

describe('registrations of one customer', () => {
  it('that arrive 200 at once have one winner and 199 equal refusals that name nobody', async () => {
    const { customer, ...rest } = dealInput()
    const domain = (customer as { domain: string }).domain
    // The same company, as differently as 200 people may write it.
    const spellings = [domain, domain.toUpperCase(), `https://www.${domain}/de`, `shop.${domain}`, `${domain}.`]
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        deals.call(sellersOfDach[index % sellersOfDach.length] ?? northwind, 'registerDeal', {
          ...rest,
          customer: { ...customer, name: `Spelling ${index}`, domain: spellings[index % spellings.length] },
        }),
      ),
    )
    const winners = answers.filter(({ entity }) => entity !== null)
    const refusals = answers.filter(({ entity }) => entity === null)
    expect([winners.length, refusals.length]).toEqual([1, 199])
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1)
    expect(refusals[0]?.codes).toEqual(['DUPLICATE_REGISTRATION'])
    const secrets = [winners[0]?.entity?.id, winners[0]?.entity?.number, ...demoOrganizations.map(({ name }) => name)]
    for (const secret of secrets) expect(JSON.stringify(refusals[0])).not.toContain(secret)
    const held = await deals.connection.collection('deal_registrations').countDocuments({
      exclusive: true,
      conflictKey: { $regex: domain },
    })
    expect(held).toBe(1)
  }, 60_000)

  it('have one winner by the database alone, in processes that do not queue for each other', async () => {
    const { connection } = deals
    const log = createLogger('test', 'error')
    const eventLog = createEventLog(connection, { log, now: () => deals.now() })
    const models = createDealModels({ connection })
    const [caller, requestId] = [northwind, 'race']
    const context: DealContext = {
      caller,
      requestId,
      models,
      connection,
      loaders: createDealLoaders(models, caller),
      events: eventLog.forSource('deals'),
      cursors: createEventCursors(Buffer.alloc(32)),
      now: () => deals.now(),
    }
    const { expectedCloseDate, ...rest } = dealInput()
    const input = { ...rest, expectedCloseDate: new Date(String(expectedCloseDate)) } as unknown as RegisterDealInput
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, () =>
        connection
          .transaction((session) => registerDeal(context, input, session))
          .then(
            () => 'registered',
            (error: unknown) => (error instanceof MutationRefused ? error.message : 'failed'),
          ),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'registered').length).toBe(1)
    expect(outcomes.filter((outcome) => outcome === 'DUPLICATE_REGISTRATION').length).toBe(29)
    await eventLog.close()
  }, 60_000)

  it.each([
    ['a domain below the registered one', { domain: 'it.maierhof.example' }],
    ['another spelling of the domain', { domain: 'HTTP://WWW.MAIERHOF.EXAMPLE/kontakt' }],
  ])('are refused for %s', async (_what, changes) => {
    const customer = { name: 'Maierhof', domain: 'maierhof.example', country: 'DE' }
    await deals.call(northwind, 'registerDeal', dealInput({ customer }))
    const second = dealInput({ customer: { ...customer, ...changes } })
    expect((await deals.call(alpenland, 'registerDeal', second)).codes).toEqual(['DUPLICATE_REGISTRATION'])
  })

  it.each([
    ['tax number', { taxId: 'DE 811.907.980' }, { taxId: '811907980', name: 'Quite Another' }],
    ['name', { name: 'Müller & Söhne GmbH & Co. KG' }, { name: 'MULLER UND SÖHNE' }],
  ])('are refused by %s where there is no domain', async (_what, first, second) => {
    const customer = { name: 'Werk Nord', country: 'DE' }
    await deals.done(northwind, 'registerDeal', dealInput({ customer: { ...customer, ...first } }))
    const again = dealInput({ customer: { ...customer, ...second } })
    expect((await deals.call(alpenland, 'registerDeal', again)).codes).toEqual(['DUPLICATE_REGISTRATION'])
  })

  it('are refused when a returned one is edited onto a customer that is held', async () => {
    const held = dealInput()
    await deals.done(alpenland, 'registerDeal', held)
    const { id } = await deals.done(northwind, 'registerDeal', dealInput())
    await deals.done(operator, 'decideDeal', { id, decision: 'RETURN', reason: 'Which company of the group?' })
    expect((await deals.call(northwind, 'editDeal', { id, customer: held.customer })).codes).toEqual([
      'DUPLICATE_REGISTRATION',
    ])
  })

  it.each([
    ['withdrawn', (id: string) => deals.done(northwind, 'withdrawDeal', { id })],
    ['rejected', (id: string) => deals.done(operator, 'decideDeal', { id, decision: 'REJECT', reason: 'Direct.' })],
  ])('are possible again once the first is %s', async (_what, end) => {
    const input = dealInput()
    const { id } = await deals.done(northwind, 'registerDeal', input)
    await end(id)
    expect((await deals.call(alpenland, 'registerDeal', input)).codes).toEqual([])
  })

  it('are possible once the protection is over, though the first one became an opportunity', async () => {
    const input = dealInput()
    const { id } = await deals.done(northwind, 'registerDeal', input)
    await deals.done(operator, 'decideDeal', { id, decision: 'APPROVE' })
    await deals.done(northwind, 'convertDeal', { id })
    deals.advanceClock(91 * dayMs)
    expect((await deals.call(alpenland, 'registerDeal', input)).codes).toEqual([])
    expect(await deals.done(northwind, 'winDeal', { id })).toMatchObject({ state: 'WON' })
    deals.advanceClock(-91 * dayMs)
  })
})

describe('the lists of the platform company', () => {
  it('keep its direct opportunities and named accounts out, by any identity, until they are released', async () => {
    const reserve = (kind: string, customer: object, family?: string) =>
      deals.done(operator, 'reserveCustomer', { kind, customer, ...(family ? { family } : {}) })
    const account = { name: 'Amt für Brücken', domain: 'bruecken-amt.example', taxId: 'DE123456789', country: 'DE' }
    const { id } = await reserve('NAMED_ACCOUNT', account)
    const byName = dealInput({ customer: { name: 'AMT FUR BRUCKEN', country: 'DE' } })
    expect((await deals.call(northwind, 'registerDeal', byName)).codes).toEqual(['NAMED_ACCOUNT'])
    const byHost = dealInput({ customer: { name: 'X', domain: 'mail.bruecken-amt.example', country: 'DE' } })
    expect((await deals.call(northwind, 'registerDeal', byHost)).codes).toEqual(['NAMED_ACCOUNT'])
    await deals.done(operator, 'releaseCustomer', { id, expectedVersion: 1 })
    expect((await deals.call(operator, 'releaseCustomer', { id })).codes).toEqual(['ALREADY_RELEASED'])
    expect((await deals.call(northwind, 'registerDeal', byName)).codes).toEqual([])

    const unknown = { kind: 'NAMED_ACCOUNT', customer: dealInput().customer, family: 'Sewers' }
    expect((await deals.call(operator, 'reserveCustomer', unknown)).codes).toEqual(['INVALID_INPUT'])
    const talks = dealInput()
    await reserve('DIRECT_OPPORTUNITY', talks.customer, 'Servers')
    expect((await deals.call(northwind, 'registerDeal', talks)).codes).toEqual(['ACTIVE_DIRECT_OPPORTUNITY'])
    const monitors = { ...talks, productId: demoProduct('lumeo-wide-34').id, skuId: null, quantity: null }
    expect((await deals.call(northwind, 'registerDeal', monitors)).codes).toEqual([])
  })

  it('are seen and kept by the operator alone', async () => {
    const input = { kind: 'NAMED_ACCOUNT', customer: dealInput().customer }
    expect((await deals.call(northwind, 'reserveCustomer', input)).codes).toEqual(['FORBIDDEN'])
    const query = '{ reservedCustomers { nodes { customer { name } } } }'
    const { data, errors } = await deals.execute(northwind, query)
    expect(data).toEqual({ reservedCustomers: null })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('the terms of registration', () => {
  it('are set by the operator, by family and territory', async () => {
    const minimumValues = [{ amount: '90000', currencyCode: 'EUR' }]
    await deals.done(operator, 'setDealProgram', { family: 'Monitors', minimumValues })
    const monitors = dealInput({ productId: demoProduct('lumeo-wide-34').id, skuId: null, quantity: null })
    const { userErrors } = await deals.call(northwind, 'registerDeal', monitors)
    expect(userErrors).toMatchObject([
      { code: 'BELOW_MINIMUM', message: expect.stringContaining('90000.00 EUR') as string },
    ])

    expect((await deals.call(operator, 'setSalesTerritory', { code: 'ALPS', countries: ['LI', 'CH'] })).codes).toEqual([
      'COUNTRY_TAKEN',
    ])
    await deals.done(operator, 'setSalesTerritory', { code: 'DACH', countries: ['DE', 'AT', 'CH', 'LI'] })
    const vaduz = dealInput({ customer: { name: 'Vaduz Bank', domain: 'vaduz.example', country: 'LI' } })
    expect(await deals.done(northwind, 'registerDeal', vaduz)).toMatchObject({ territory: 'DACH' })
    expect((await deals.call(northwind, 'setDealProgram', { family: 'x', minimumValues })).codes).toEqual(['FORBIDDEN'])
  })
})
