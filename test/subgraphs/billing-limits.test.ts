import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemCaller } from '../../kit/caller.ts'
import { seededId } from '../../kit/ids.ts'
import { seedBilling } from '../../subgraphs/billing/seed.ts'
import { demoApps } from '../../subgraphs/demo-world/apps.ts'
import { type BillingUnderTest, startBilling } from './billing-under-test.ts'
import { eventsAbout } from './events-about.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

const gateway = systemCaller(['system:identity', 'system:usage'])
const northwind = callerOf('northwind')
const app = seededId('App', 'northwind-stock-feed')
const sisterApp = seededId('App', 'northwind-portal')
const { organizationId } = northwind

let billing: BillingUnderTest
beforeAll(async () => {
  billing = await startBilling()
  await seedBilling(billing.connection, { now: () => billing.now() })
})
afterAll(async () => billing[Symbol.asyncDispose]())

interface Limits {
  readonly organization: object | null
  readonly counted: Readonly<Record<string, unknown>>
}

async function limitsOf(appId: string): Promise<Limits> {
  const query = `query ($appId: ID!) { appLimits(appId: $appId) {
    dailyCalls quotaMode endUserBucketSize openStreams concurrentRequests trustedDocumentsOnly fieldLimits { coordinate calls windowSeconds }
    organization { organizationId bucketSize restoreRate monthlyCalls }
    counted { day month callsOfDay callsOfMonth organizationCallsOfMonth } } }`
  return (await billing.read<{ appLimits: Limits }>(gateway, query, { appId })).appLimits
}

let batches = 0
const report = (appId: string, calls: number) =>
  billing.read(
    gateway,
    'mutation ($batchId: ID!, $records: [UsageRecordInput!]!) { recordUsage(batchId: $batchId, records: $records) }',
    {
      batchId: `${appId}:${calls}:${batches++}`,
      records: [{ appId, hour: billing.now().toISOString(), calls, cost: calls, errors: 0 }],
    },
  )

const needed = { bucketSize: 100, restoreRate: 10, maxQueryCost: 50, readOnly: false }
const change = (limits: object) =>
  billing.call<{ plan: { limits: object } | null }>(
    operator,
    'changePlan',
    { id: seededId('Plan', 'growth'), limits },
    'plan { limits { dailyCalls quotaMode endUserBucketSize fieldLimits { coordinate calls } openStreams } }',
  )

describe('the limits of a plan', () => {
  it.each([
    [{ endUserBucketSize: 10 }],
    [{ dailyCalls: -1 }],
    [{ concurrentRequests: 0 }],
    [{ fieldLimits: [{ coordinate: 'products', calls: 1, windowSeconds: 60 }] }],
    [{ fieldLimits: [{ coordinate: 'Query.products', calls: 1, windowSeconds: 0 }] }],
    [{ fieldLimits: [1, 2].map((calls) => ({ coordinate: 'Query.products', calls, windowSeconds: 60 })) }],
  ])('cannot be %j', async (more) => {
    expect(await change({ ...needed, ...more })).toMatchObject({ plan: null, userErrors: [{ code: 'INVALID_LIMITS' }] })
  })

  it('reach gateways as they are set, and what is left out is unlimited', async () => {
    const fieldLimits = [{ coordinate: 'Query.products', calls: 60, windowSeconds: 3_600 }]
    const { plan } = await change({
      ...needed,
      dailyCalls: 500,
      quotaMode: 'SOFT',
      fieldLimits,
      trustedDocumentsOnly: true,
    })
    expect(plan?.limits).toEqual({
      dailyCalls: 500,
      quotaMode: 'SOFT',
      endUserBucketSize: null,
      fieldLimits: [{ coordinate: 'Query.products', calls: 60 }],
      openStreams: null,
    })
    await billing.react({ type: 'plan.changed', subject: seededId('Plan', 'growth'), data: {} })
    expect(await limitsOf(app)).toMatchObject({
      dailyCalls: 500,
      quotaMode: 'SOFT',
      fieldLimits,
      trustedDocumentsOnly: true,
    })
  })

  it('are complete for plans that were stored before some of them were thought of', async () => {
    const limits = { bucketSize: 5, restoreRate: 1, maxQueryCost: 5, monthlyCalls: 7, readOnly: true }
    const plan = seededId('Plan', 'scale')
    await billing.connection.collection<{ _id: string }>('billing_plans').updateOne({ _id: plan }, { $set: { limits } })
    const { plan: read } = await billing.read<{ plan: object }>(
      operator,
      'query ($id: ID!) { plan(id: $id) { limits { quotaMode monthlyCalls openStreams fieldLimits { calls } trustedDocumentsOnly } } }',
      { id: plan },
    )
    expect(read).toEqual({
      limits: { quotaMode: 'HARD', monthlyCalls: 7, openStreams: null, fieldLimits: [], trustedDocumentsOnly: false },
    })
  })
})

it('tells gateways the calls of this day and month from which quotas go on', async () => {
  const before = await limitsOf(app)
  await report(app, 3)
  const { counted } = await limitsOf(app)
  expect(counted).toMatchObject({
    day: '2026-03-16',
    month: '2026-03',
    callsOfDay: Number(before.counted['callsOfDay']) + 3,
    callsOfMonth: Number(before.counted['callsOfMonth']) + 3,
    organizationCallsOfMonth: 0,
  })
})

const set = (limits: object, as = operator) =>
  billing.call(as, 'setOrganizationCeiling', { organizationId, ...limits }, 'ceiling { bucketSize monthlyCalls }')
const ceilingQuery = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Organization { ceiling { monthlyCalls } } } }`
const r = [{ __typename: 'Organization', id: organizationId }]

describe('the ceiling of an organization', () => {
  it('is given with each of its apps, together with what all of them have called', async () => {
    expect(await set({ bucketSize: 100, restoreRate: 10, monthlyCalls: 1_000 })).toEqual({
      ceiling: { bucketSize: 100, monthlyCalls: 1_000 },
      userErrors: [],
    })
    const before = await limitsOf(app)
    await report(sisterApp, 4)
    const after = await limitsOf(app)
    expect(after.organization).toEqual({ organizationId, bucketSize: 100, restoreRate: 10, monthlyCalls: 1_000 })
    expect(Number(after.counted['organizationCallsOfMonth'])).toBe(
      Number(before.counted['organizationCallsOfMonth']) + 4,
    )
    expect(await billing.read(northwind, ceilingQuery, { r })).toEqual({
      _entities: [{ ceiling: { monthlyCalls: 1_000 } }],
    })
  })

  it('is set by the operator only, sound, and taken away by setting none', async () => {
    await expect(set({ monthlyCalls: 5 }, northwind)).rejects.toThrow()
    expect(await set({ bucketSize: 10 })).toMatchObject({ userErrors: [{ code: 'INVALID_LIMITS' }] })
    expect(await set({ organizationId: 'org_unknown', monthlyCalls: 1 })).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND' }],
    })
    expect(await set({})).toEqual({ ceiling: null, userErrors: [] })
    expect((await limitsOf(app)).organization).toBeNull()
  })
})

const threshold = (fields: object) => ({
  appId: app,
  quota: 'MONTH',
  period: '2026-03',
  percent: 80,
  used: 80,
  most: 100,
  ...fields,
})
const tell = (thresholds: readonly object[], as = gateway) =>
  billing.read<{ reportQuotaThresholds: number }>(
    as,
    'mutation ($t: [QuotaThresholdInput!]!) { reportQuotaThresholds(thresholds: $t) }',
    { t: thresholds },
  )

describe('a threshold of a quota', () => {
  it('becomes one event per period, however often and by however many gateways it is told', async () => {
    const both = [threshold({}), threshold({ percent: 90, used: 90 })]
    const answers = await Promise.all([tell(both), tell(both), tell([threshold({})])])
    const sum = answers.reduce((total, { reportQuotaThresholds }) => total + reportQuotaThresholds, 0)
    expect(sum).toBe(2)
    expect(await tell([threshold({ used: 85 })])).toEqual({ reportQuotaThresholds: 0 })
    expect(await tell([threshold({ period: '2026-04' })])).toEqual({ reportQuotaThresholds: 1 })
    expect(await tell([threshold({ quota: 'ORGANIZATION_MONTH' })])).toEqual({ reportQuotaThresholds: 1 })
    const told = await eventsAbout(billing.connection, [app, organizationId])
    const reached = told.filter(({ type }) => type === 'quota.threshold_reached')
    expect(reached.map(({ subject, data }) => [subject, data['period'], data['percent']])).toEqual(
      expect.arrayContaining([
        [app, '2026-03', 80],
        [app, '2026-03', 90],
        [app, '2026-04', 80],
        [organizationId, '2026-03', 80],
      ]),
    )
    expect(reached).toHaveLength(4)
  })

  it('is told by gateways only, of apps there can be', async () => {
    await expect(tell([threshold({ percent: 70 })], northwind)).rejects.toThrow()
    await expect(tell([threshold({ appId: 'nobody' })])).rejects.toThrow()
  })
})

it('answers rateLimit behind any router with what billing counts', async () => {
  const trial = demoApps.find(({ slug }) => slug === 'contoso-trial')
  const caller = { ...callerOf('contoso'), appId: trial?.id ?? '' }
  const { rateLimit } = await billing.read<{ rateLimit: { limits: readonly object[] } }>(
    caller,
    '{ rateLimit { planName cost limits { name limit used remaining } } }',
  )
  expect(rateLimit).toMatchObject({ planName: 'Trial', cost: null })
  expect(rateLimit.limits[0]).toEqual({ name: 'points', limit: 1_000, used: null, remaining: null })
  expect(rateLimit.limits[1]).toMatchObject({ name: 'monthly-calls', limit: 100 })
})
