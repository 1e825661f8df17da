import { setTimeout as later } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type QuotaAlerts, type QuotaThreshold, createQuotaAlerts } from '../../gateway/cost/quota-alerts.ts'
import { rateLimitHeaders } from '../../gateway/cost/rate-limit-headers.ts'
import type { Usage } from '../../gateway/cost/usage-recorder.ts'
import type { GraphAnswer } from '../../gateway/pipeline/graph-answer.ts'
import type { CountedCalls, OrganizationCeiling } from '../../gateway/request.ts'
import { createQueue } from '../../kit/event-queue.ts'
import { createLogger } from '../../kit/log.ts'
import { type MiniSubgraph, type RunOptions, type TestPipeline, createMiniGraph, testCaller } from './mini-graph.ts'

const noon = new Date('2026-11-21T12:00:00.000Z')

let nowMs: number
let usage: Usage[]
let told: QuotaThreshold[]
let graph: TestPipeline
/** Ends the operations that wait for it. */
let finish: () => void
let alerts: QuotaAlerts

const subgraph = (): MiniSubgraph => {
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  return {
    name: 'shop',
    sdl: `
      type Query {
        products(first: Int = 3): [Product!] @authenticated
          @listSize(assumedSize: 50, slicingArguments: ["first"], requireOneSlicingArgument: false)
        slow: Product @authenticated
        fails: Product! @authenticated
        rateLimit(dryRun: Boolean = false): RateLimit @authenticated
      }
      type Mutation { rename(name: String!): Product @authenticated }
      type Subscription { tick: Product @authenticated }
      type Product @authenticated { name: String! }
      type RateLimit @authenticated { planName: String! cost: Int admitted: Boolean limits: [RateLimitState!]! @listSize(assumedSize: 10) }
      type RateLimitState @authenticated { name: String! unit: String! limit: Int! used: Int remaining: Int windowSeconds: Int resetsAt: String }`,
    resolvers: {
      Query: {
        products: (_: unknown, { first }: { first: number }) =>
          Array.from({ length: Math.min(2, first) }, () => ({ name: 'P' })),
        slow: () => finished.then(() => ({ name: 'S' })),
        fails: () => {
          throw new Error('broken')
        },
      },
      Subscription: {
        tick: {
          subscribe: () => createQueue<unknown>({ limit: 1, onEnd: () => undefined }).iterator,
          resolve: (event: unknown) => event,
        },
      },
    },
  }
}

beforeEach(async () => {
  nowMs = 0
  usage = []
  told = []
  alerts = createQuotaAlerts({
    log: createLogger('test', 'silent'),
    send: (thresholds) => {
      told.push(...thresholds)
      return Promise.resolve()
    },
  })
  graph = await createMiniGraph([subgraph()], {
    nowMs: () => nowMs,
    now: () => new Date(noon.getTime() + nowMs),
    usage: { record: (record) => void usage.push(record), close: () => Promise.resolve() },
    alerts,
  })
})

afterEach(() => alerts.close())

const query = '{ products(first: 2) { name } }'
const codeOf = ({ errors }: GraphAnswer): string | undefined => errors[0]?.code
const run = async (options: RunOptions = {}): Promise<string | undefined> => codeOf(await graph.run(query, options))
const counted = (fields: Partial<CountedCalls>): CountedCalls => ({
  day: '2026-11-21',
  month: '2026-11',
  callsOfDay: 0,
  callsOfMonth: 0,
  organizationCallsOfMonth: 0,
  ...fields,
})
const ceiling = (fields: Partial<OrganizationCeiling>): OrganizationCeiling => ({
  organizationId: 'org_test',
  bucketSize: null,
  restoreRate: null,
  monthlyCalls: null,
  ...fields,
})

describe('a quota of calls', () => {
  it('refuses beyond it, tells until when, and begins anew with the next day', async () => {
    const limits = { dailyCalls: 2 }
    expect([await run({ limits }), await run({ limits })]).toEqual([undefined, undefined])
    const { errors, extensions } = await graph.run(query, { limits })
    expect(errors[0]?.extensions).toEqual({
      code: 'QUOTA_EXCEEDED',
      limit: { name: 'daily-calls', unit: 'CALLS', most: 2, used: 2, remaining: 0 },
      retryAfter: 12 * 60 * 60,
      resetsAt: '2026-11-22T00:00:00.000Z',
    })
    expect(extensions['cost']).toMatchObject({ actualQueryCost: null })
    nowMs += 12 * 60 * 60 * 1_000
    expect(await run({ limits })).toBeUndefined()
  })

  it('goes on from what billing has counted, of this month only', async () => {
    const limits = { monthlyCalls: 100 }
    expect(await run({ limits: { ...limits, counted: counted({ callsOfMonth: 99 }) } })).toBeUndefined()
    expect(await run({ limits })).toBe('QUOTA_EXCEEDED')
    const old = counted({ month: '2026-10', day: '2026-10-31', callsOfMonth: 100 })
    expect(await run({ limits: { ...limits, counted: old }, appId: 'app_other' })).toBeUndefined()
  })

  it('is neither used up by what was refused, nor takes points for what it refuses', async () => {
    const limits = { monthlyCalls: 2, bucketSize: 3, restoreRate: 1, maxQueryCost: 3 }
    expect(await run({ limits })).toBeUndefined()
    expect(await run({ limits })).toBe('THROTTLED')
    nowMs += 2_000
    expect(await run({ limits })).toBeUndefined()
    nowMs += 10_000
    expect(await run({ limits })).toBe('QUOTA_EXCEEDED')
    expect(await run({ limits: { ...limits, monthlyCalls: null } })).toBeUndefined()
  })

  it('only tells of what is beyond it on a plan whose quota is soft', async () => {
    const limits = { monthlyCalls: 1, quotaMode: 'SOFT' } as const
    expect([await run({ limits }), await run({ limits })]).toEqual([undefined, undefined])
  })

  it('holds for all apps of an organization together, over their own plans', async () => {
    const limits = { organization: ceiling({ monthlyCalls: 2 }) }
    expect(await run({ limits, appId: 'app_1' })).toBeUndefined()
    expect(await run({ limits, appId: 'app_2' })).toBeUndefined()
    const { errors } = await graph.run(query, { limits, appId: 'app_3' })
    expect(errors[0]).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      extensions: { limit: { name: 'organization-monthly-calls' } },
    })
  })

  it('counts WebSocket and SSE operations as it does HTTP, streams too', async () => {
    const limits = { monthlyCalls: 2 }
    const stream = await graph.subscribe('subscription { tick { name } }', { limits })
    if (!(Symbol.asyncIterator in stream)) throw new Error('refused')
    await stream.return?.()
    expect(await run({ limits })).toBeUndefined()
    expect(await graph.subscribe('subscription { tick { name } }', { limits })).toMatchObject({
      errors: [{ code: 'QUOTA_EXCEEDED' }],
    })
  })

  it('tells of 50, 80, 90 and 100 percent once each, and of all that are crossed already when it knew nothing', async () => {
    const limits = { monthlyCalls: 10 }
    for (let call = 0; call < 12; call += 1) await run({ limits })
    await run({ limits: { ...limits, counted: counted({ callsOfMonth: 8 }) }, appId: 'app_late' })
    await alerts.close()
    expect(told.map(({ appId, percent, used }) => [appId, percent, used])).toEqual([
      ['app_test', 50, 5],
      ['app_test', 80, 8],
      ['app_test', 90, 9],
      ['app_test', 100, 10],
      ['app_late', 50, 9],
      ['app_late', 80, 9],
      ['app_late', 90, 9],
    ])
  })
})

describe('buckets besides the app’s own', () => {
  it('are one for each end user, made when the user is first seen', async () => {
    const limits = { endUserBucketSize: 2, endUserRestoreRate: 1 }
    const as = (endUserId: string) => ({ limits, caller: testCaller({ endUserId }) })
    expect(await run(as('ann'))).toBeUndefined()
    const { errors } = await graph.run(query, as('ann'))
    expect(errors[0]).toMatchObject({
      code: 'THROTTLED',
      extensions: { limit: { name: 'end-user-points' }, retryAfter: 2 },
    })
    expect(await run(as('bob'))).toBeUndefined()
    expect(await run({ limits })).toBeUndefined()
  })

  it('are one for all apps of an organization that has a ceiling', async () => {
    const limits = { organization: ceiling({ bucketSize: 4, restoreRate: 1 }) }
    expect(await run({ limits, appId: 'app_1' })).toBeUndefined()
    expect(await run({ limits, appId: 'app_2' })).toBeUndefined()
    expect(await run({ limits, appId: 'app_3' })).toBe('THROTTLED')
  })

  it('are refunded as one, never more than was taken', async () => {
    const limits = {
      endUserBucketSize: 50,
      endUserRestoreRate: 1,
      organization: ceiling({ bucketSize: 50, restoreRate: 1 }),
    }
    const caller = testCaller({ endUserId: 'ann' })
    const { limits: readings } = await graph.run('{ products(first: 40) { name } }', { limits, caller })
    expect(readings.map(({ state }) => state.used)).toEqual([2, 2, 2])
  })
})

describe('calls of a field', () => {
  const limits = { fieldLimits: [{ coordinate: 'Query.products', calls: 3, windowSeconds: 3_600 }] }

  it('are counted by occurrence, aliases too, within a window that begins with the first', async () => {
    const twice = '{ a: products(first: 1) { name } b: products(first: 1) { name } }'
    expect(codeOf(await graph.run(twice, { limits }))).toBeUndefined()
    nowMs += 1_000_000
    const { errors } = await graph.run(twice, { limits })
    expect(errors[0]).toMatchObject({
      code: 'THROTTLED',
      extensions: { limit: { name: 'Query.products', most: 3, used: 2 }, retryAfter: 2_600 },
    })
    expect(await run({ limits })).toBeUndefined()
    expect(codeOf(await graph.run('{ __typename }', { limits }))).toBeUndefined()
    const skipped = '{ ... @include(if: false) { products(first: 1) { name } } __typename }'
    expect(codeOf(await graph.run(skipped, { limits }))).toBeUndefined()
    nowMs += 2_600_000
    expect(codeOf(await graph.run(twice, { limits }))).toBeUndefined()
  })

  it('that no window ever allows are refused for good', async () => {
    const often = `{ ${['a', 'b', 'c', 'd'].map((alias) => `${alias}: products(first: 1) { name }`).join(' ')} }`
    expect(codeOf(await graph.run(often, { limits }))).toBe('COST_LIMIT_EXCEEDED')
    const none = { fieldLimits: [{ coordinate: 'Query.products', calls: 0, windowSeconds: 60 }] }
    expect(await run({ limits: none })).toBe('PLAN_FORBIDS')
  })
})

describe('what is held while it lasts', () => {
  it('is a place of a request until its answer, however it ends', async () => {
    const limits = { concurrentRequests: 2 }
    const running = [graph.run('{ slow { name } }', { limits }), graph.run('{ slow { name } }', { limits })]
    // Both have been charged when a third one is decided on: decisions come in the order of the questions.
    await later(0)
    const { errors } = await graph.run(query, { limits })
    expect(errors[0]).toMatchObject({
      code: 'THROTTLED',
      extensions: { limit: { name: 'concurrent-requests', used: 2 } },
    })
    finish()
    await Promise.all(running)
    for (let turn = 0; turn < 5; turn += 1)
      expect(codeOf(await graph.run('{ fails { name } }', { limits }))).toBe('INTERNAL')
    expect(await run({ limits })).toBeUndefined()
  })

  it('is a place of a stream until it is closed, and again only once', async () => {
    const limits = { openStreams: 2 }
    const open = () => graph.subscribe('subscription { tick { name } }', { limits })
    const streams = [await open(), await open()]
    expect(await open()).toMatchObject({
      errors: [{ code: 'THROTTLED', extensions: { limit: { name: 'open-streams' } } }],
    })
    const [first] = streams
    if (!first || !(Symbol.asyncIterator in first)) throw new Error('the first stream was not opened')
    await first.return?.()
    await first.return?.()
    expect(Symbol.asyncIterator in (await open())).toBe(true)
    expect(await open()).toMatchObject({ errors: [{ code: 'THROTTLED' }] })
    expect(await run({ limits })).toBeUndefined()
  })
})

it('lets another plan hold on the next call, points spent remain spent', async () => {
  const trial = { bucketSize: 3, restoreRate: 1, maxQueryCost: 3, monthlyCalls: 2 }
  expect([await run({ limits: trial }), await run({ limits: trial })]).toEqual([undefined, 'THROTTLED'])
  const growth = { bucketSize: 30, restoreRate: 10, maxQueryCost: 30, monthlyCalls: 100 }
  const { extensions } = await graph.run(query, { limits: growth })
  expect(extensions['cost']).toMatchObject({ throttleStatus: { currentlyAvailable: 30 - 2 - 2 } })
  expect(await run({ limits: { ...trial, bucketSize: 100 } })).toBe('QUOTA_EXCEEDED')
})

it('meters what was charged, also for an operation that failed after it', async () => {
  const limits = { bucketSize: 1_000, restoreRate: 1, maxQueryCost: 1_000 }
  const gone = AbortSignal.abort()
  await graph.run(query, { limits })
  await graph.run('{ fails { name } }', { limits })
  await graph.run('mutation { rename(name: "x") { name } }', { limits })
  await graph.run('{ products(first: 40) { name } }', { limits, signal: gone })
  await graph.run('{ products(first: 900) { name } products(first: 900) { name } }', {
    limits: { ...limits, maxQueryCost: 5 },
  })
  const planless = {
    ...graph.snapshot,
    plan: () => {
      throw new Error('the planner broke')
    },
  }
  await graph.run('{ products(first: 7) { name } }', { limits, snapshot: planless })
  const { limits: readings } = await graph.run('{ rateLimit { planName } }', { limits })
  const sum = usage.reduce((points, { cost }) => points + cost, 0)
  expect(readings[0]?.state.used).toBe(sum)
  expect(usage.map(({ calls }) => calls)).toEqual([1, 1, 1, 1, 0, 1])
  expect(usage.at(-1)).toMatchObject({ cost: 7, failed: true })
})

describe('Query.rateLimit', () => {
  const limits = {
    bucketSize: 100,
    restoreRate: 10,
    maxQueryCost: 50,
    monthlyCalls: 10,
    concurrentRequests: 5,
    fieldLimits: [{ coordinate: 'Query.products', calls: 3, windowSeconds: 60 }],
  }
  const selection = 'rateLimit { cost admitted limits { name limit used remaining resetsAt } }'

  it('tells every limit, with its use and reset, and charges nothing', async () => {
    await graph.run(query, { limits })
    const asked = await Promise.all([1, 2, 3].map(() => graph.run(`{ __typename ${selection} }`, { limits })))
    for (const { data, errors } of asked) {
      expect(errors).toEqual([])
      expect(data).toEqual({
        __typename: 'Query',
        rateLimit: {
          cost: null,
          admitted: null,
          limits: [
            { name: 'points', limit: 100, used: 2, remaining: 98, resetsAt: '2026-11-21T12:00:00.200Z' },
            { name: 'monthly-calls', limit: 10, used: 1, remaining: 9, resetsAt: '2026-12-01T00:00:00.000Z' },
            { name: 'Query.products', limit: 3, used: 1, remaining: 2, resetsAt: '2026-11-21T12:01:00.000Z' },
            { name: 'concurrent-requests', limit: 5, used: 0, remaining: 5, resetsAt: null },
          ],
        },
      })
    }
    expect(graph.fetches).toHaveLength(1)
    expect(usage).toHaveLength(1)
  })

  it('stands beside data, and tells what is left after it', async () => {
    const { data } = await graph.run(`{ products(first: 2) { name } ${selection} }`, { limits })
    expect(data).toMatchObject({
      products: [{ name: 'P' }, { name: 'P' }],
      rateLimit: { cost: 2, admitted: true, limits: [{ used: 2 }, { used: 1 }, { used: 1 }, { used: 0 }] },
    })
  })

  it.each([
    ['products(first: 40)', 40, true],
    ['products(first: 60)', 60, false],
    [
      'a: products(first: 1) { name } b: products(first: 1) { name } c: products(first: 1) { name } products(first: 1)',
      4,
      false,
    ],
  ])('reckons %s in a dry run, and runs nothing', async (fields, cost, admitted) => {
    const dry = `query ($dry: Boolean!) { ${fields} { name } rateLimit(dryRun: $dry) { cost admitted limits { used } } }`
    const { data, errors } = await graph.run(dry, { limits, variables: { dry: true } })
    expect(errors).toEqual([])
    expect(data).toMatchObject({
      products: null,
      rateLimit: { cost, admitted, limits: [{ used: 0 }, { used: 0 }, {}, {}] },
    })
    expect(graph.fetches).toEqual([])
    expect(usage).toEqual([])
  })
})

it('puts limits into structured fields', async () => {
  const limits = { bucketSize: 100, restoreRate: 10, maxQueryCost: 50, dailyCalls: 10, concurrentRequests: 5 }
  const { limits: readings } = await graph.run(query, { limits })
  expect(rateLimitHeaders(readings)).toEqual({
    'ratelimit-policy':
      '"points";q=100;qu="points";w=10, "daily-calls";q=10;w=86400, "concurrent-requests";q=5;qu="concurrent-requests"',
    ratelimit: '"points";r=98;t=1, "daily-calls";r=9;t=43200, "concurrent-requests";r=5',
  })
})
