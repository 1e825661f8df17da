import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { latencyBucket } from '../../kit/latency-histogram.ts'
import { seededId } from '../../kit/ids.ts'
import { type BillingUnderTest, addApp, addPlan, startBilling } from './billing-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

let billing: BillingUnderTest
let [shop, feed, foreign] = ['', '', '']

const gateway = { ...operator, scopes: ['system:usage'] }
const counts = { operations: 0, calls: 0, cost: 0, errors: 0, events: 0, latency: [] as number[] }
let batches = 0
const record = (lists: { records?: object[]; coordinates?: object[]; endUsers?: object[] }) =>
  billing.read(
    gateway,
    `mutation ($b: ID!, $r: [UsageRecordInput!]!, $c: [UsagePartInput!], $e: [UsagePartInput!]) {
      recordUsage(batchId: $b, records: $r, coordinates: $c, endUsers: $e) }`,
    { b: `b-${(batches += 1)}`, r: lists.records ?? [], c: lists.coordinates ?? [], e: lists.endUsers ?? [] },
  )

interface Group {
  readonly keys: readonly { dimension: string; value: string }[]
  readonly calls: number
  readonly cost: number
  readonly operations: number
  readonly errors: number
  readonly lastDay: string
  readonly latency: { p50: number; p95: number; p99: number } | null
  readonly app: { id: string } | null
}
interface Page {
  readonly nodes: readonly Group[]
  readonly totalCount: number
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean }
}
const usage = async (args: string, as = callerOf('northwind')): Promise<Page> =>
  (
    await billing.read<{ usage: Page }>(
      as,
      `{ usage(${args}) { totalCount pageInfo { endCursor hasNextPage }
        nodes { keys { dimension value } app { id } lastDay operations calls cost errors latency { p50 p95 p99 } } } }`,
    )
  ).usage
const callsBy = ({ nodes }: Page): unknown[] =>
  nodes.map(({ keys, calls }) => [...keys.map(({ value }) => value), calls])
const lastDays = async (args: string): Promise<unknown[]> => {
  const { nodes } = await usage(`${args}, from: "2026-03-01T00:00:00Z", to: "2026-04-02T00:00:00Z"`)
  return nodes.map(({ keys, lastDay }) => [keys[0]?.value, lastDay])
}
const march = 'from: "2026-03-01T00:00:00Z", to: "2026-04-01T00:00:00Z"'

const at = (appId: string, hour: string, calls: number, fields: object = {}) => ({
  ...counts,
  appId,
  hour: `2026-03-${hour}:00:00Z`,
  environment: 'live',
  outcome: 'OK',
  operations: calls,
  calls,
  cost: calls * 2,
  ...fields,
})

beforeAll(async () => {
  billing = await startBilling()
  await addPlan(billing, 'free', '0.00', { isDefault: true })
  shop = await addApp(billing, 'northwind', 'shop')
  feed = await addApp(billing, 'northwind', 'feed')
  foreign = await addApp(billing, 'contoso', 'foreign')
  await record({
    records: [
      // 2026-03-02 is a Monday.
      at(shop, '02T09', 10, { latency: [latencyBucket(10), 9, latencyBucket(1_000), 1] }),
      at(shop, '02T10', 4, { contract: '2026-10' }),
      at(shop, '09T09', 6, { latency: [latencyBucket(10), 6] }),
      at(shop, '02T09', 0, { outcome: 'QUOTA', code: 'QUOTA_EXCEEDED', operations: 3, errors: 3 }),
      at(feed, '03T09', 7, { environment: 'sandbox' }),
      at(foreign, '03T09', 100),
    ],
    coordinates: [
      at(shop, '02T09', 10, { key: 'Query.products' }),
      at(shop, '02T10', 4, { key: 'Product.name', contract: '2026-10' }),
      at(foreign, '03T09', 100, { key: 'Query.products' }),
    ].map(withoutOutcome),
    endUsers: [at(shop, '02T09', 3, { key: 'ada' }), at(shop, '09T09', 1, { key: 'bob' })].map(withoutOutcome),
  })
  await record({ endUsers: [at(shop, '09T11', 2, { key: 'ada' })].map(withoutOutcome) })
  billing.goTo('2026-03-20T12:00:00.000Z')
})
afterAll(async () => billing[Symbol.asyncDispose]())

function withoutOutcome({ outcome: _outcome, ...part }: { outcome: string }): object {
  return part
}

describe('usage in groups', () => {
  test('tells the plan of each app, to its owner and to the operator', async () => {
    for (const caller of [callerOf('northwind'), operator]) {
      const { usage: found } = await billing.read<{ usage: { nodes: { app: { id: string; plan: object } }[] } }>(
        caller,
        `{ usage(groupBy: [APP], appId: "${shop}", ${march}) { nodes { app { id plan { name } } } } }`,
      )
      expect(found.nodes).toEqual([{ app: { id: shop, plan: { name: expect.any(String) } } }])
    }
  })

  test.each([
    [
      'APP',
      () => [
        [shop, 20],
        [feed, 7],
      ],
    ],
    [
      'ENVIRONMENT',
      () => [
        ['live', 20],
        ['sandbox', 7],
      ],
    ],
    [
      'OUTCOME',
      () => [
        ['OK', 27],
        ['QUOTA', 0],
      ],
    ],
    [
      'ERROR_CODE',
      () => [
        ['NONE', 27],
        ['QUOTA_EXCEEDED', 0],
      ],
    ],
    [
      'DAY',
      () => [
        ['2026-03-02', 14],
        ['2026-03-03', 7],
        ['2026-03-09', 6],
      ],
    ],
    ['MONTH', () => [['2026-03', 27]]],
    [
      'HOUR_OF_DAY',
      () => [
        ['09', 23],
        ['10', 4],
      ],
    ],
    [
      'DAY_OF_WEEK',
      () => [
        ['1', 20],
        ['2', 7],
      ],
    ],
    [
      'HOUR',
      () => [
        ['2026-03-02T09', 10],
        ['2026-03-02T10', 4],
        ['2026-03-03T09', 7],
        ['2026-03-09T09', 6],
      ],
    ],
    [
      'CONTRACT',
      () => [
        ['NONE', 23],
        ['2026-10', 4],
      ],
    ],
    [
      'COORDINATE',
      () => [
        ['Query.products', 10],
        ['Product.name', 4],
      ],
    ],
    [
      'END_USER',
      () => [
        ['ada', 5],
        ['bob', 1],
      ],
    ],
    ['ORGANIZATION', () => [[seededId('Organization', 'northwind'), 27]]],
  ])('by %s are those of the own apps', async (dimension, expected) => {
    expect(callsBy(await usage(`groupBy: [${dimension}], ${march}`))).toEqual(expected())
  })

  test('by two dimensions at once, and narrowed', async () => {
    expect(callsBy(await usage(`groupBy: [DAY, APP], ${march}`))).toEqual([
      ['2026-03-02', shop, 14],
      ['2026-03-03', feed, 7],
      ['2026-03-09', shop, 6],
    ])
    expect(callsBy(await usage(`groupBy: [DAY], appId: "${feed}", ${march}`))).toEqual([['2026-03-03', 7]])
    expect(callsBy(await usage(`groupBy: [APP], outcome: QUOTA, ${march}`))).toEqual([[shop, 0]])
    expect(callsBy(await usage(`groupBy: [DAY], endUserId: "ada", ${march}`))).toEqual([
      ['2026-03-02', 3],
      ['2026-03-09', 2],
    ])
  })

  test('of one path are told from those of others, of operations and of what they used', async () => {
    expect(callsBy(await usage(`groupBy: [APP], contracts: ["2026-10"], ${march}`))).toEqual([[shop, 4]])
    expect(callsBy(await usage(`groupBy: [APP], contracts: ["NONE"], ${march}`))).toEqual([
      [shop, 16],
      [feed, 7],
    ])
    expect(callsBy(await usage(`groupBy: [COORDINATE, CONTRACT], ${march}`))).toEqual([
      ['Query.products', 'NONE', 10],
      ['Product.name', '2026-10', 4],
    ])
    const of = (contracts: string) =>
      usage(`groupBy: [APP], coordinate: "Product.name", contracts: [${contracts}], ${march}`, operator)
    expect(callsBy(await of('"2026-10", "NONE"'))).toEqual([[shop, 4]])
    expect(callsBy(await of('"partner", "NONE"'))).toEqual([])
  })

  test('tell the last day on which there was any, however coarse the rows are that they are read from', async () => {
    billing.goTo('2026-04-20T12:00:00.000Z')
    expect(await lastDays('groupBy: [APP]')).toEqual([
      [shop, '2026-03-09'],
      [feed, '2026-03-03'],
    ])
    expect(await lastDays('groupBy: [APP], contracts: ["2026-10"]')).toEqual([[shop, '2026-03-02']])
    expect(await lastDays('groupBy: [COORDINATE], coordinate: "Query.products"')).toEqual([
      ['Query.products', '2026-03-02'],
    ])
    billing.goTo('2026-03-20T12:00:00.000Z')
  })

  test('tell percentiles of any span within a tenth', async () => {
    const [day] = (await usage(`groupBy: [DAY], appId: "${shop}", ${march}`)).nodes
    expect(day?.latency?.p50).toBeGreaterThan(9)
    expect(day?.latency?.p50).toBeLessThan(11)
    expect(day?.latency?.p99).toBeGreaterThan(900)
    expect(day?.latency?.p99).toBeLessThan(1_100)
    const [month] = (await usage(`groupBy: [MONTH], appId: "${shop}", ${march}`)).nodes
    expect(month?.latency?.p95).toBeGreaterThan(900)
    expect((await usage(`groupBy: [APP], appId: "${feed}", ${march}`)).nodes[0]?.latency).toBeNull()
  })

  test('never are of others, whatever is asked for', async () => {
    const contoso = seededId('Organization', 'contoso')
    for (const filter of [
      `appId: "${foreign}"`,
      `organizationId: "${contoso}"`,
      `coordinate: "x", appId: "${foreign}"`,
    ]) {
      expect(await usage(`groupBy: [APP], ${filter}, ${march}`)).toMatchObject({ nodes: [], totalCount: 0 })
    }
    expect(callsBy(await usage(`groupBy: [APP], coordinate: "Query.products", ${march}`))).toEqual([[shop, 10]])
  })

  test('tell the operator of all: who is most engaged, the busiest hours, and who used a coordinate', async () => {
    expect(callsBy(await usage(`groupBy: [ORGANIZATION], ${march}`, operator))).toEqual([
      [seededId('Organization', 'contoso'), 100],
      [seededId('Organization', 'northwind'), 27],
    ])
    const busiest = await usage(`groupBy: [HOUR_OF_DAY], orderBy: CALLS, ${march}`, operator)
    expect(callsBy(busiest)).toEqual([
      ['09', 123],
      ['10', 4],
    ])
    expect(callsBy(await usage(`groupBy: [APP], coordinate: "Query.products", ${march}`, operator))).toEqual([
      [foreign, 100],
      [shop, 10],
    ])
    expect((await usage(`groupBy: [APP], orderBy: ERRORS, ${march}`, operator)).nodes[0]?.app).toEqual({ id: shop })
  })

  test('come in pages without a gap or a repetition', async () => {
    const seen: string[] = []
    let after = ''
    for (let page = 0; page < 10; page += 1) {
      const { nodes, pageInfo } = await usage(`groupBy: [HOUR], first: 1, ${after}, ${march}`)
      seen.push(...nodes.map(({ keys }) => keys[0]?.value ?? ''))
      after = `after: "${pageInfo.endCursor}"`
      if (!pageInfo.hasNextPage) break
    }
    expect(seen).toEqual(['2026-03-02T09', '2026-03-02T10', '2026-03-03T09', '2026-03-09T09'])
  })

  test.each([
    ['of nothing', 'groupBy: []'],
    ['of one dimension twice', 'groupBy: [APP, APP]'],
    ['of four', 'groupBy: [APP, DAY, OUTCOME, MONTH]'],
    ['of what is not counted together', 'groupBy: [COORDINATE, END_USER]'],
    ['of end users by contract', 'groupBy: [END_USER, CONTRACT]'],
    ['of end users on a path', 'groupBy: [END_USER], contracts: ["partner"]'],
    ['on no path', 'groupBy: [APP], contracts: []'],
    ['of coordinates by hour', 'groupBy: [COORDINATE, HOUR]'],
    ['after what is no cursor', 'groupBy: [APP], after: "x"'],
    ['of years', 'groupBy: [APP], from: "2020-01-01T00:00:00Z"'],
  ])('%s are refused', async (_case, args) => {
    await expect(usage(args)).rejects.toThrow('BAD_USER_INPUT')
  })

  test('are read by an index', async () => {
    const scans = await billing.scansOf(async () => {
      for (const as of [operator, callerOf('northwind')]) {
        for (const filter of [
          '',
          `appId: "${shop}"`,
          'coordinate: "Query.products"',
          'endUserId: "ada"',
          'contracts: ["2026-10"]',
        ]) {
          for (const dimension of ['APP', 'DAY', 'MONTH'])
            await usage(`groupBy: [${dimension}], ${filter}, ${march}`, as)
        }
      }
    })
    expect(scans).toEqual([])
  })
})

test('end users are seen on first use, the latest first, by their own organization', async () => {
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on App { endUsers(first: 5) {
    totalCount nodes { endUserId firstSeenAt lastSeenAt calls cost } } } } }`
  const variables = { r: [{ __typename: 'App', id: shop }] }
  const answer = await billing.read(callerOf('northwind'), query, variables)
  expect(answer).toEqual({
    _entities: [
      {
        endUsers: {
          totalCount: 2,
          nodes: [
            {
              endUserId: 'ada',
              calls: 5,
              cost: 10,
              firstSeenAt: '2026-03-02T09:00:00.000Z',
              lastSeenAt: '2026-03-09T11:00:00.000Z',
            },
            {
              endUserId: 'bob',
              calls: 1,
              cost: 2,
              firstSeenAt: '2026-03-09T09:00:00.000Z',
              lastSeenAt: '2026-03-09T09:00:00.000Z',
            },
          ],
        },
      },
    ],
  })
  expect(await billing.read(callerOf('contoso'), query, variables)).not.toMatchObject({
    _entities: [{ endUsers: { totalCount: 2 } }],
  })
})
