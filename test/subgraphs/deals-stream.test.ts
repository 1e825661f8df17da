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

const changes = `subscription ($states: [DealState!]) {
  dealChanged(states: $states) { id type state previousState deal { id state customer { name } } }
}`
interface Change {
  readonly dealChanged: {
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
    const stream = streamOf(await deals.subscribe(northwind, changes, { states: ['APPROVED', 'REJECTED'] }))
    const [a, b] = [await register(northwind), await register(northwind)]
    await decide(a, 'RETURN')
    await decide(b, 'APPROVE')
    expect(await take<Change>(stream, 1)).toMatchObject([{ dealChanged: { type: 'deal.approved', deal: { id: b } } }])
    await stream.return?.()
  })

  it('is refused before anything is opened for a caller without the scope', async () => {
    const blind = callerOf('northwind', { scopes: ['deals:write', 'inventory:read'] })
    expect(await deals.subscribe(blind, changes)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
  })

  it('is refused with an empty list of states', async () => {
    expect(await deals.subscribe(northwind, changes, { states: [] })).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT', argument: 'states' } }],
    })
  })
})
