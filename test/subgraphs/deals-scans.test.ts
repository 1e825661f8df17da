import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoOrganizations } from '../../subgraphs/demo-world/organizations.ts'
import { type DealsUnderTest, dealInput, hourMs, northwind, startDeals } from './deals-under-test.ts'
import { operator } from './subgraph-under-test.ts'

let deals: DealsUnderTest

beforeAll(async () => {
  deals = await startDeals()
})
afterAll(() => deals?.stop())

const page = '{ totalCount pageInfo { endCursor } nodes { id } }'
const date = '"2026-01-01T00:00:00.000Z"'
const organization = northwind.organizationId

/** Arguments of lists, of which any may come together. */
const lists = {
  dealRegistrations: [
    'state: APPROVED',
    `organizationId: "${organization}"`,
    'family: "Servers"',
    'territory: "DACH"',
    `createdFrom: ${date}`,
    'search: "kunde dr"',
  ],
  opportunities: ['stage: PROPOSAL', `organizationId: "${organization}"`, `closeFrom: ${date}`, 'search: "kunde"'],
  leads: ['state: ASSIGNED', `organizationId: "${organization}"`, 'family: "Servers"', 'search: "kunde"'],
  coSellEngagements: ['side: GUEST', 'state: ACTIVE', 'dealId: "deal_1"'],
} as const

function combinations(options: readonly string[]): string[] {
  return options.reduce<string[]>((sets, option) => [...sets, ...sets.map((set) => `${set} ${option}`)], [''])
}

describe.each(Object.entries(lists))('%s', (list, options) => {
  it.each([
    ['a partner', northwind],
    ['the operator', operator],
  ])(
    'is read by an index with any filters, by %s',
    async (_who, caller) => {
      const scans = await deals.scansOf(async () => {
        for (const filters of combinations(options)) {
          const { errors } = await deals.execute(caller, `{ ${list}(first: 2 ${filters}) ${page} }`)
          expect(errors).toBeUndefined()
        }
      })
      expect(scans).toEqual([])
    },
    60_000,
  )
})

it('no list of the operator and no deep page is a scan', async () => {
  const first = await deals.execute<{ dealRegistrations: { pageInfo: { endCursor: string } } }>(
    operator,
    `{ dealRegistrations(first: 30) ${page} }`,
  )
  const after = first.data.dealRegistrations.pageInfo.endCursor
  const scans = await deals.scansOf(async () => {
    await deals.execute(operator, `{ dealRegistrations(first: 5, after: "${after}") ${page} }`)
    await deals.execute(operator, `{ reservedCustomers(kind: NAMED_ACCOUNT, search: "bund") ${page} }`)
    await deals.execute(operator, `{ reservedCustomers(active: false) ${page} }`)
    await deals.execute(operator, '{ dealPrograms { totalCount } salesTerritories { totalCount nodes { code } } }')
  })
  expect(scans).toEqual([])
})

it('the registrations of organizations are read by an index, with any filters', async () => {
  const organizations = demoOrganizations.slice(0, 5).map(({ id }) => ({ __typename: 'Organization', id }))
  const filters = lists.dealRegistrations.filter((filter) => !filter.startsWith('organizationId'))
  const scans = await deals.scansOf(async () => {
    for (const combination of combinations(filters)) {
      const query = `query ($all: [_Any!]!) { _entities(representations: $all) {
        ... on Organization { dealRegistrations(first: 3 ${combination}) { totalCount nodes { id } } } } }`
      const { errors } = await deals.execute(operator, query, { all: organizations })
      expect(errors).toBeUndefined()
    }
  })
  expect(scans).toEqual([])
}, 60_000)

it('a search reads what it finds and no more, whoever searches', async () => {
  const { queryPlanner } = (await deals.connection
    .collection('deal_registrations')
    .find({ searchWords: { $elemMatch: { $gte: 'kunde', $lt: 'kundf' } } }, { sort: { createdAt: -1 } })
    .hint({ searchWords: 1 })
    .explain('queryPlanner')) as unknown as { queryPlanner: { winningPlan: object } }
  expect(JSON.stringify(queryPlanner.winningPlan)).toContain('searchWords_1')
})

it('no command and no timer scans', async () => {
  const scans = await deals.scansOf(async () => {
    const { id } = await deals.done(northwind, 'registerDeal', dealInput())
    await deals.done(operator, 'decideDeal', { id, decision: 'APPROVE' })
    await deals.done(northwind, 'convertDeal', { id })
    await deals.done(northwind, 'winDeal', { id })
    await deals.done(operator, 'reopenDeal', { id })
    const contact = { name: 'Ina Berg' }
    const lead = await deals.done(operator, 'createLead', { customer: dealInput().customer, contact })
    await deals.done(operator, 'assignLead', { id: lead.id, organizationIds: [organization], acceptWithinHours: 1 })
    deals.advanceClock(50 * hourMs)
    await deals.runTimers()
  })
  expect(scans).toEqual([])
})
