import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listParkedEvents } from '../../events/parked-events.ts'
import { demoProduct } from '../../subgraphs/demo-world/products.ts'
import { callerOf, operator } from '../subgraphs/subgraph-under-test.ts'
import { type WholeGraph, startWholeGraph } from './whole-graph.ts'

const northwind = callerOf('northwind')

interface Deal {
  readonly id: string
  readonly state: string
}

describe.each(['one process', 'split processes'] as const)('reactions across subgraphs in %s', (shape) => {
  let graph: WholeGraph
  beforeAll(async () => {
    graph = await startWholeGraph(shape)
  }, 120_000)
  afterAll(() => graph?.[Symbol.asyncDispose]())

  let customers = 0

  async function registerDeal(input: object = {}): Promise<string> {
    customers += 1
    const { payload } = await graph.run<{ payload: { dealRegistration: Deal | null; userErrors: unknown[] } }>(
      'deals',
      northwind,
      `mutation ($input: RegisterDealInput!) {
        payload: registerDeal(input: $input) { dealRegistration { id state } userErrors { code message } } }`,
      {
        input: {
          customer: { name: `Kunde ${customers}`, domain: `kunde-${customers}-${shape.length}.example`, country: 'DE' },
          productId: product.id,
          estimatedValue: { amount: '80000', currencyCode: 'EUR' },
          expectedCloseDate: new Date(Date.now() + 40 * 24 * 60 * 60 * 1000).toISOString(),
          ...input,
        },
      },
    )
    expect(payload.userErrors).toEqual([])
    return payload.dealRegistration?.id ?? ''
  }

  /** Calls a mutation of deals that answers a registration, which must not be refused. */
  async function command(mutation: string, inputType: string, input: object): Promise<void> {
    const { payload } = await graph.run<{ payload: { dealRegistration: Deal | null; userErrors: unknown[] } }>(
      'deals',
      operator,
      `mutation ($input: ${inputType}!) {
        payload: ${mutation}(input: $input) { dealRegistration { id state } userErrors { code message } } }`,
      { input },
    )
    expect(payload.userErrors).toEqual([])
  }

  async function commissionsOf(dealId: string): Promise<unknown[]> {
    interface Commission {
      readonly status: string
      readonly dealRegistration: { readonly id: string }
    }
    const { commissions } = await graph.run<{ commissions: { nodes: Commission[] } }>(
      'billing',
      operator,
      '{ commissions(first: 250) { nodes { status dealRegistration { id } } } }',
    )
    return commissions.nodes
      .filter(({ dealRegistration }) => dealRegistration.id === dealId)
      .map(({ status }) => status)
  }

  async function reservationsOf(dealId: string): Promise<{ quantity: number; state: string }[]> {
    const { reservations } = await graph.run<{ reservations: { nodes: { quantity: number; state: string }[] } }>(
      'inventory',
      operator,
      'query ($dealId: ID) { reservations(dealId: $dealId) { nodes { quantity state } } }',
      { dealId },
    )
    return reservations.nodes
  }

  const product = demoProduct('veltra-core-switch')

  it('a won deal accrues one commission, and takes it back when it is reopened', async () => {
    const id = await registerDeal()
    await command('decideDeal', 'DecideDealInput', { id, decision: 'APPROVE' })
    await graph.settled()
    expect(await commissionsOf(id)).toEqual([])
    await command('winDeal', 'WinInput', { id })
    await graph.settled()
    expect(await commissionsOf(id)).toEqual(['ACCRUED'])
    await command('reopenDeal', 'DealRegistrationInput', { id })
    await graph.settled()
    expect(await commissionsOf(id)).toEqual(['REVERSED'])
  })

  it('an approved deal that asks for it gets its stock held, and has it sold when it is won', async () => {
    const skuId = product.skus[0]?.id
    const id = await registerDeal({ skuId, quantity: 2, reserveStock: true })
    await graph.settled()
    expect(await reservationsOf(id)).toEqual([])
    await command('decideDeal', 'DecideDealInput', { id, decision: 'APPROVE' })
    await graph.settled()
    const held = await reservationsOf(id)
    expect(held.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(2)
    expect(new Set(held.map(({ state }) => state))).toEqual(new Set(['HELD']))
    await command('winDeal', 'WinInput', { id })
    await graph.settled()
    expect(new Set((await reservationsOf(id)).map(({ state }) => state))).toEqual(new Set(['COMMITTED']))
  })

  it('a lost deal gives its stock back', async () => {
    const id = await registerDeal({ skuId: product.skus[0]?.id, quantity: 1, reserveStock: true })
    await command('decideDeal', 'DecideDealInput', { id, decision: 'APPROVE' })
    await graph.settled()
    await command('loseDeal', 'LoseInput', { id, reason: 'PRICE' })
    await graph.settled()
    expect((await reservationsOf(id)).map(({ state }) => state)).toEqual(['RELEASED'])
    expect(await commissionsOf(id)).toEqual([])
  })

  it('no event is left parked', async () => {
    await graph.settled()
    expect(await listParkedEvents(graph.connection, 10)).toEqual([])
  })
})
