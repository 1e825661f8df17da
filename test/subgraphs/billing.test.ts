import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Caller, systemCaller } from '../../kit/caller.ts'
import { seededId } from '../../kit/ids.ts'
import { demoDeals } from '../../subgraphs/demo-world/deals.ts'
import { demoOrganizations } from '../../subgraphs/demo-world/organizations.ts'
import { type DemoGraph, demoCaller, startDemoGraph } from './demo-graph.ts'

const northwind = demoCaller('northwind-portal')
const operator = demoCaller('operator-console')
const gateway = systemCaller(['system:identity', 'system:usage'])
const entities = 'query ($r: [_Any!]!) { _entities(representations: $r)'

let graph: DemoGraph
beforeAll(async () => {
  graph = await startDemoGraph(['billing'])
})
afterAll(async () => graph[Symbol.asyncDispose]())

const read = (as: Caller, selection: string, representations: readonly object[]) =>
  graph.run('billing', `${entities} { ${selection} } }`, { as, variables: { r: representations } })
const app = (slug: string) => ({ __typename: 'App', id: seededId('App', slug) })
const organization = (slug: string) => ({ __typename: 'Organization', id: seededId('Organization', slug) })

const usageOf = async (slug: string, from: string, to: string) => {
  const { data, errors } = await read(
    operator,
    `... on App { usage(from: "${from}", to: "${to}") { from to calls cost errors } }`,
    [app(slug)],
  )
  expect(errors).toBeUndefined()
  return (data as { _entities: { usage: object }[] })._entities[0]?.usage
}
/** What a gateway counted of an app that has no seeded usage. */
const at = (time: string, calls = 1) => ({
  appId: app('rhone-boutique').id,
  hour: time,
  calls,
  cost: calls * 7,
  errors: 0,
})

describe('plans', () => {
  test('that are hidden are seen by those who are on them and by the operator', async () => {
    const query = '{ plans { totalCount nodes { handle } } }'
    const handles = async (as: Caller) => {
      const { data } = await graph.run('billing', query, { as })
      return (data as { plans: { nodes: { handle: string }[] } }).plans.nodes.map(({ handle }) => handle)
    }
    expect(await handles(northwind)).toEqual(['growth', 'partner-gold', 'scale', 'trial'])
    expect(await handles(operator)).toEqual(['growth', 'internal', 'partner-gold', 'scale', 'trial'])
    expect(await handles(demoCaller('northwind-portal', { planId: seededId('Plan', 'internal') }))).toContain(
      'internal',
    )
  })

  test('by id follow the same rule, as entities too', async () => {
    const id = seededId('Plan', 'internal')
    const query = `query ($id: ID!, $r: [_Any!]!) { plan(id: $id) { name }
      _entities(representations: $r) { ... on Plan { name monthlyPrice { amount } limits { monthlyCalls readOnly } } } }`
    const variables = {
      id,
      r: [
        { __typename: 'Plan', id },
        { __typename: 'Plan', id: seededId('Plan', 'trial') },
      ],
    }
    expect((await graph.run('billing', query, { as: northwind, variables })).data).toEqual({
      plan: null,
      _entities: [
        null,
        { name: 'Trial', monthlyPrice: { amount: '0.00' }, limits: { monthlyCalls: 100, readOnly: true } },
      ],
    })
    expect((await graph.run('billing', query, { as: operator, variables })).data).toMatchObject({
      plan: { name: 'Internal' },
      _entities: [{ name: 'Internal' }, {}],
    })
  })

  test('give gateways the limits of an app, the default ones when it has no subscription', async () => {
    const query = `query ($appId: ID!) { appLimits(appId: $appId) {
      planId planName bucketSize restoreRate maxQueryCost monthlyCalls readOnly } }`
    const limits = async (as: Caller, appId: string) => graph.run('billing', query, { as, variables: { appId } })
    expect((await limits(gateway, northwind.appId)).data).toEqual({
      appLimits: {
        planId: seededId('Plan', 'partner-gold'),
        planName: 'Partner Gold',
        bucketSize: 20_000,
        restoreRate: 1_000,
        maxQueryCost: 10_000,
        monthlyCalls: null,
        readOnly: false,
      },
    })
    expect((await limits(gateway, seededId('App', 'nobody'))).data).toMatchObject({
      appLimits: { planName: 'Trial', maxQueryCost: 500, readOnly: true },
    })
    const denied = await limits(operator, northwind.appId)
    expect(denied.data).toEqual({ appLimits: null })
    expect(denied.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('an app', () => {
  const selection =
    '... on App { plan { handle } planSubscription { startedAt plan { name } } usage { calls cost errors } }'

  test('tells its plan and usage to its own organization and the operator', async () => {
    const own = await read(northwind, selection, [app('northwind-stock-feed'), app('contoso-trial')])
    expect(own.errors).toBeUndefined()
    expect(own.data).toMatchObject({
      _entities: [{ plan: { handle: 'growth' }, planSubscription: { plan: { name: 'Growth' } } }, null],
    })
    const { _entities } = own.data as { _entities: { usage: { calls: number; cost: number } }[] }
    expect(_entities[0]?.usage.calls).toBeGreaterThan(1_000)
    const all = await read(operator, selection, [app('contoso-trial'), app('operator-console')])
    expect(all.data).toMatchObject({ _entities: [{ plan: { handle: 'trial' } }, { plan: { handle: 'internal' } }] })
  })

  test('hides all that needs billing:read, each with its own error', async () => {
    const { data, errors } = await read(
      demoCaller('northwind-stock-feed'),
      '... on App { id plan { handle } usage { calls } }',
      [app('northwind-stock-feed')],
    )
    expect(data).toEqual({ _entities: [{ id: app('northwind-stock-feed').id, plan: null, usage: null }] })
    expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  })

  test('takes three database queries, however many apps are asked for', async () => {
    const one = await graph.commandsOf(() => read(operator, selection, [app('pennine-shop')]))
    const many = await graph.commandsOf(() =>
      read(operator, selection, ['pennine-shop', 'pennine-portal', 'rhone-boutique', 'polder-shop'].map(app)),
    )
    expect(one).toHaveLength(3)
    expect(many).toEqual(one)
  })
})

describe('usage', () => {
  const mutation = `mutation ($batchId: ID!, $records: [UsageRecordInput!]!) { recordUsage(batchId: $batchId, records: $records) }`
  const record = (batchId: string, records: readonly object[], as: Caller = gateway) =>
    graph.run('billing', mutation, { as, variables: { batchId, records } })
  test('is added up by hour, and a batch that comes twice counts once', async () => {
    const batch = [
      at('2026-03-01T10:05:00.000Z', 3),
      at('2026-03-01T10:59:59.999Z', 4),
      at('2026-03-01T11:00:00.000Z', 5),
    ]
    expect((await record('batch-1', batch)).data).toEqual({ recordUsage: true })
    expect((await record('batch-1', batch)).data).toEqual({ recordUsage: false })
    expect((await record('batch-2', [at('2026-03-01T10:30:00.000Z', 10)])).data).toEqual({ recordUsage: true })
    expect(await usageOf('rhone-boutique', '2026-03-01T10:00:00.000Z', '2026-03-01T11:00:00.000Z')).toEqual({
      from: '2026-03-01T10:00:00.000Z',
      to: '2026-03-01T11:00:00.000Z',
      calls: 17,
      cost: 119,
      errors: 0,
    })
    expect(await usageOf('rhone-boutique', '2026-03-01T10:00:00.000Z', '2026-03-01T12:00:00.000Z')).toMatchObject({
      calls: 22,
    })
  })

  test('counts every batch of gateways that report the same hour at once', async () => {
    const batches = Array.from({ length: 12 }, (_, index) => `race-${index % 6}`)
    const results = await Promise.all(batches.map((batchId) => record(batchId, [at('2026-04-01T08:00:00.000Z')])))
    expect(results.flatMap(({ errors }) => errors ?? [])).toEqual([])
    expect(results.filter(({ data }) => data?.['recordUsage'] === true)).toHaveLength(6)
    expect(await usageOf('rhone-boutique', '2026-04-01T08:00:00.000Z', '2026-04-01T09:00:00.000Z')).toMatchObject({
      calls: 6,
      cost: 42,
    })
  })

  test.each([
    ['a batch without records', 'b', []],
    ['negative counts', 'b', [{ ...at('2026-03-01T10:00:00.000Z'), calls: -1 }]],
    ["an id that is no app's", 'b', [{ ...at('2026-03-01T10:00:00.000Z'), appId: 'app_$ne' }]],
    ['an endless batch id', 'b'.repeat(101), [at('2026-03-01T10:00:00.000Z')]],
  ])('refuses %s', async (_case, batchId, records) => {
    const { data, errors } = await record(batchId, records)
    expect(data).toEqual({ recordUsage: null })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })

  test('is recorded by gateways alone', async () => {
    const { data, errors } = await record('batch-3', [at('2026-03-01T10:00:00.000Z')], operator)
    expect(data).toEqual({ recordUsage: null })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('invoices', () => {
  const page =
    'totalCount nodes { number status issuedAt dueAt total { amount currencyCode } lines { description quantity unitPrice { amount } amount { amount } } }'

  test('are those of my organization, latest first, and of no other', async () => {
    const { data, errors } = await read(northwind, `... on Organization { invoices { ${page} } }`, [
      organization('northwind'),
      organization('contoso'),
    ])
    expect(errors).toBeUndefined()
    const [own, other] = (data as { _entities: ({ invoices: { totalCount: number; nodes: Invoice[] } } | null)[] })
      ._entities
    expect(other).toBeNull()
    expect(own?.invoices.totalCount).toBe(7)
    const invoices = own?.invoices.nodes ?? []
    expect(invoices.map(({ status }) => status).slice(0, 2)).toEqual(['DRAFT', 'OPEN'])
    expect(invoices[0]).toMatchObject({ number: null, issuedAt: null, dueAt: null })
    for (const { lines, total } of invoices) {
      const cents = lines.map(({ amount }) => Math.round(Number(amount.amount) * 100)).reduce((a, b) => a + b, 0)
      expect(Math.round(Number(total.amount) * 100)).toBe(cents)
    }
  })

  test('can be narrowed to a status and read page by page', async () => {
    const paid = await read(
      northwind,
      '... on Organization { invoices(status: PAID, first: 2) { totalCount nodes { status number } pageInfo { hasNextPage endCursor } } }',
      [organization('northwind')],
    )
    const [first] = (paid.data as { _entities: { invoices: { pageInfo: { endCursor: string } } }[] })._entities
    expect(first?.invoices).toMatchObject({
      nodes: [{ status: 'PAID' }, { status: 'PAID' }],
      pageInfo: { hasNextPage: true },
    })
    const next = await read(
      northwind,
      `... on Organization { invoices(status: PAID, first: 2, after: "${first?.invoices.pageInfo.endCursor}") { nodes { status number } } }`,
      [organization('northwind')],
    )
    const [second] = (next.data as { _entities: { invoices: object }[] })._entities
    expect(second?.invoices).toMatchObject({ nodes: [{ status: 'PAID' }, { status: 'PAID' }] })
    expect(second?.invoices).not.toEqual(first?.invoices)
  })

  test('are seeded in every status for most partners', async () => {
    const partners = demoOrganizations.filter(
      ({ status, operator: isOperator }) => status === 'APPROVED' && !isOperator,
    )
    const { data } = await read(
      operator,
      '... on Organization { invoices(first: 250) { nodes { status } } }',
      partners.map(({ slug }) => organization(slug)),
    )
    const statuses = (data as { _entities: { invoices: { nodes: { status: string }[] } }[] })._entities.map(
      ({ invoices }) => new Set(invoices.nodes.map(({ status }) => status)),
    )
    expect(statuses.filter((set) => set.has('DRAFT') && set.has('OPEN') && set.has('PAID')).length).toBeGreaterThan(20)
    expect(statuses.some((set) => set.has('VOID'))).toBe(true)
  })

  test('of 20 organizations cost as many database queries as those of 2', async () => {
    const selection =
      '... on Organization { invoices(first: 3) { totalCount nodes { number } } commissions(first: 2) { nodes { id } } }'
    const of = (count: number) =>
      graph.commandsOf(() =>
        read(
          operator,
          selection,
          demoOrganizations.slice(1, 1 + count).map(({ slug }) => organization(slug)),
        ),
      )
    const few = await of(2)
    expect(few.length).toBeLessThanOrEqual(5)
    expect((await of(20)).toSorted()).toEqual(few.toSorted())
  })

  interface Invoice {
    readonly status: string
    readonly total: { amount: string }
    readonly lines: readonly { amount: { amount: string } }[]
  }
})

describe('commissions', () => {
  const selection =
    '... on DealRegistration { commission { status rateBasisPoints amount { amount } dealRegistration { id } } }'
  const [won] = demoDeals.filter(({ state }) => state === 'WON')
  const deal = { __typename: 'DealRegistration', id: won?.id }
  const lost = { __typename: 'DealRegistration', id: demoDeals.find(({ state }) => state === 'LOST')?.id }

  test('are earned by won deals and told to their owner and the operator only', async () => {
    const owner = { ...northwind, organizationId: won?.organizationId ?? '' }
    const stranger = { ...northwind, organizationId: seededId('Organization', 'contoso') }
    expect((await read(owner, selection, [deal, lost])).data).toMatchObject({
      _entities: [{ commission: { dealRegistration: { id: won?.id } } }, { commission: null }],
    })
    expect((await read(stranger, selection, [deal])).data).toEqual({ _entities: [{ commission: null }] })
    expect((await read(operator, selection, [deal])).data).toMatchObject({ _entities: [{ commission: {} }] })
  })

  test('as entities are null for another organization', async () => {
    const representation = { __typename: 'Commission', id: seededId('Commission', won?.slug ?? '') }
    const stranger = { ...northwind, organizationId: seededId('Organization', 'contoso') }
    expect((await read(stranger, '... on Commission { status }', [representation])).data).toEqual({ _entities: [null] })
    expect((await read(operator, '... on Commission { status }', [representation])).data).toMatchObject({
      _entities: [{ status: expect.any(String) as string }],
    })
  })
})
