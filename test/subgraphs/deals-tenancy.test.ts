import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dealsSubgraph } from '../../subgraphs/deals/subgraph.ts'
import { seedDeals } from '../../subgraphs/deals/seed.ts'
import { demoDeals } from '../../subgraphs/demo-world/deals.ts'
import { demoOrganizations } from '../../subgraphs/demo-world/organizations.ts'
import { demoProduct } from '../../subgraphs/demo-world/products.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph } from './subgraph-under-test.ts'

const northwind = callerOf('northwind')
let deals: SubgraphUnderTest

beforeAll(async () => {
  deals = await startSubgraph(dealsSubgraph, seedDeals)
})
afterAll(() => deals?.stop())

interface DealPage {
  readonly totalCount: number
  readonly nodes: readonly { id: string; createdAt: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string }
}

describe('what a partner sees', () => {
  const foreign = demoDeals.find(({ organization }) => organization === 'alpenland')

  it('is nothing of another organization, by id, as an entity or through its organization', async () => {
    const query = `query ($id: ID!, $entities: [_Any!]!) {
      dealRegistration(id: $id) { id }
      _entities(representations: $entities) {
        ... on DealRegistration { id state }
        ... on Organization { dealRegistrations(first: 250) { totalCount nodes { id } } }
      }
    }`
    const variables = {
      id: foreign?.id,
      entities: [
        { __typename: 'DealRegistration', id: foreign?.id },
        { __typename: 'Organization', id: foreign?.organizationId },
      ],
    }
    expect(await deals.execute(northwind, query, variables)).toMatchObject({
      data: {
        dealRegistration: null,
        _entities: [null, null],
      },
    })
    const seen = await deals.execute<{ _entities: [unknown, { dealRegistrations: { totalCount: number } }] }>(
      operator,
      query,
      variables,
    )
    expect(seen.data).toMatchObject({ dealRegistration: { id: foreign?.id } })
    expect(seen.data._entities[1].dealRegistrations.totalCount).toBeGreaterThan(0)
  })

  it('is its own registrations, page by page, the newest first', async () => {
    const caller = callerOf('pennine')
    const own = demoDeals.filter(({ organization }) => organization === 'pennine')
    const query = `query ($after: String) {
      dealRegistrations(first: 2, after: $after) {
        totalCount nodes { id createdAt } pageInfo { hasNextPage endCursor }
      }
    }`
    const seen: { id: string; createdAt: string }[] = []
    let after: string | null = null
    do {
      // Each page begins where the one before ends.
      const page: { data: { dealRegistrations: DealPage } } = await deals.execute(caller, query, { after })
      const { nodes, pageInfo, totalCount } = page.data.dealRegistrations
      expect(totalCount).toBe(own.length)
      seen.push(...nodes)
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null
    } while (after)
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(own.map(({ id }) => id)))
    const moments = seen.map(({ createdAt }) => createdAt)
    expect(moments).toEqual(moments.toSorted().toReversed())
  })

  it('takes as many database calls for 30 organizations as for two', async () => {
    const query = `query ($organizations: [_Any!]!) {
      _entities(representations: $organizations) {
        ... on Organization { dealRegistrations(first: 3) { totalCount nodes { number customer { name } } } }
      }
    }`
    const organizations = demoOrganizations.map(({ id }) => ({ __typename: 'Organization', id }))
    const calls = (count: number) =>
      deals.countDatabaseCalls(() => deals.execute(operator, query, { organizations: organizations.slice(0, count) }))
    expect(await calls(30)).toBe(await calls(2))
  })

  it('takes as many database calls for a page of 50 registrations as for one of a single one', async () => {
    const query = `query ($first: Int) {
      dealRegistrations(first: $first) { nodes { id organization { id } estimatedValue { amount } } }
    }`
    const calls = (first: number) => deals.countDatabaseCalls(() => deals.execute(operator, query, { first }))
    expect(await calls(50)).toBe(await calls(1))
  })

  it('hides the customer and the value from an app that may not read deals', async () => {
    const writer = callerOf('northwind', { scopes: ['deals:write'] })
    const { data, errors } = await deals.execute<{ registerDeal: { dealRegistration: unknown } }>(
      writer,
      `mutation ($input: RegisterDealInput!) {
        registerDeal(input: $input) { dealRegistration { state customer { name } estimatedValue { amount } } }
      }`,
      {
        input: {
          customer: { name: 'Isartal Werkzeuge', domain: 'isartal-werkzeuge.example', country: 'DE' },
          productId: demoProduct('tarn-r220-2u-server').id,
          estimatedValue: { amount: '48000.00', currencyCode: 'EUR' },
          expectedCloseDate: new Date(Date.now() + 30 * 24 * 60 * 60 * 1000).toISOString(),
        },
      },
    )
    expect(data.registerDeal.dealRegistration).toEqual({ state: 'SUBMITTED', customer: null, estimatedValue: null })
    expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  })
})

describe('the demo', () => {
  it('has registrations in every state, whose exclusivity and decisions fit them', async () => {
    const { data } = await deals.execute<{
      dealRegistrations: { nodes: { id: string; state: string; protectedUntil: string | null; decision: unknown }[] }
    }>(operator, '{ dealRegistrations(first: 250) { nodes { id state protectedUntil decision { outcome } } } }')
    const seeded = data.dealRegistrations.nodes.filter(({ id }) => demoDeals.some((deal) => deal.id === id))
    expect(seeded.length).toBe(60)
    expect(new Set(seeded.map(({ state }) => state)).size).toBe(11)
    for (const { state, decision } of seeded) {
      expect(decision === null).toBe(['DRAFT', 'SUBMITTED', 'UNDER_REVIEW', 'WITHDRAWN'].includes(state))
    }
  })
})
