import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dealsSubgraph } from '../../subgraphs/deals/subgraph.ts'
import { seedDeals } from '../../subgraphs/deals/seed.ts'
import { demoProduct } from '../../subgraphs/demo-world/products.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph, streamOf, take } from './subgraph-under-test.ts'

const northwind = callerOf('northwind')
const alpenland = callerOf('alpenland')
let deals: SubgraphUnderTest

beforeAll(async () => {
  deals = await startSubgraph(dealsSubgraph, seedDeals)
})
afterAll(() => deals?.stop())

const changes = `subscription ($filter: DealChangeFilter, $after: String) {
  dealChanged(filter: $filter, after: $after) { id cursor subject type state previousState deal { id state customer { name } } }
}`
interface Change {
  readonly dealChanged: {
    readonly cursor: string
    readonly subject: string
    readonly type: string
    readonly deal: { readonly id: string; readonly customer: { readonly name: string } }
  }
}

let customers = 0
async function register(caller: typeof northwind): Promise<string> {
  customers += 1
  const { data } = await deals.execute<{ registerDeal: { dealRegistration: { id: string } } }>(
    caller,
    'mutation ($input: RegisterDealInput!) { registerDeal(input: $input) { dealRegistration { id } } }',
    {
      input: {
        customer: { name: `Kunde ${customers}`, domain: `kunde-${customers}.example`, country: 'AT' },
        productId: demoProduct('veltra-core-switch').id,
        estimatedValue: { amount: '60000', currencyCode: 'EUR' },
        expectedCloseDate: new Date(Date.now() + 40 * 24 * 60 * 60 * 1000).toISOString(),
      },
    },
  )
  return data.registerDeal.dealRegistration.id
}

async function decide(id: string, decision: string): Promise<void> {
  await deals.execute(
    operator,
    'mutation ($input: DecideDealInput!) { decideDeal(input: $input) { userErrors { code } } }',
    { input: { id, decision, reason: 'As agreed.' } },
  )
}

/** The next event of a registration. */
async function takeOf(stream: Parameters<typeof take>[0], id: string): Promise<Change> {
  for (;;) {
    const [change] = await take<Change>(stream, 1)
    if (change?.dealChanged.subject === id) return change
  }
}

describe('dealChanged', () => {
  it("tells a partner of its own organization's deals only, the operator of all, each in order", async () => {
    const own = streamOf(await deals.subscribe(northwind, changes))
    const all = streamOf(await deals.subscribe(operator, changes))
    const foreign = await register(alpenland)
    const id = await register(northwind)
    await decide(foreign, 'APPROVE')
    await decide(id, 'RETURN')

    const seen = await take<Change>(own, 2)
    expect(seen).toMatchObject([
      { dealChanged: { type: 'deal.submitted', state: 'SUBMITTED', previousState: null, deal: { id } } },
      { dealChanged: { type: 'deal.returned', state: 'RETURNED', previousState: 'SUBMITTED', deal: { id } } },
    ])
    const told = (await take<Change>(all, 4)).map(({ dealChanged: { type, deal } }) => [type, deal.id])
    expect(told).toEqual([
      ['deal.submitted', foreign],
      ['deal.submitted', id],
      ['deal.approved', foreign],
      ['deal.returned', id],
    ])
    await Promise.all([own.return?.(), all.return?.()])
  })

  it('tells only of the states that were asked for', async () => {
    const stream = streamOf(await deals.subscribe(northwind, changes, { filter: { states: ['APPROVED', 'REJECTED'] } }))
    const [a, b] = [await register(northwind), await register(northwind)]
    await decide(a, 'RETURN')
    await decide(b, 'APPROVE')
    expect(await take<Change>(stream, 1)).toMatchObject([{ dealChanged: { type: 'deal.approved', deal: { id: b } } }])
    await stream.return?.()
  })

  it('tells only of the registrations, products and territories that were asked for', async () => {
    const all = streamOf(await deals.subscribe(northwind, changes))
    const [a, b] = [await register(northwind), await register(northwind)]
    // What was committed before a subscription may still be on its way to the log.
    await takeOf(all, b)
    const byId = streamOf(await deals.subscribe(northwind, changes, { filter: { dealIds: [b] } }))
    const elsewhere = { productIds: [demoProduct('veltra-core-switch').id], territories: ['nowhere'] }
    const nowhere = streamOf(await deals.subscribe(northwind, changes, { filter: elsewhere }))
    const waiting = nowhere.next()
    await decide(a, 'RETURN')
    await decide(b, 'RETURN')
    expect(await take<Change>(byId, 1)).toMatchObject([{ dealChanged: { type: 'deal.returned', deal: { id: b } } }])
    await Promise.all([all.return?.(), byId.return?.(), nowhere.return?.()])
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it("goes on after a cursor, with nothing of what others' events lie between", async () => {
    const stream = streamOf(await deals.subscribe(northwind, changes))
    const id = await register(northwind)
    const submitted = await takeOf(stream, id)
    await stream.return?.()
    await register(alpenland)
    await decide(id, 'RETURN')
    const after = submitted.dealChanged.cursor
    const again = streamOf(await deals.subscribe(northwind, changes, { after }))
    expect(await take<Change>(again, 1)).toMatchObject([{ dealChanged: { type: 'deal.returned', subject: id } }])
    await again.return?.()
  })

  it('is refused before anything is opened for a caller without the scope', async () => {
    const blind = callerOf('northwind', { scopes: ['deals:write', 'inventory:read'] })
    expect(await deals.subscribe(blind, changes)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
  })

  it('is refused with an empty list of states', async () => {
    expect(await deals.subscribe(northwind, changes, { filter: { states: [] } })).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT', argument: 'filter.states' } }],
    })
  })
})
