import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { seededId } from '../../kit/ids.ts'
import { type BillingUnderTest, addApp, addPlan, balanceOf, startBilling, unsoundBooks } from './billing-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

const northwind = callerOf('northwind')
const contoso = callerOf('contoso')
let billing: BillingUnderTest
let plans: { free: string; basic: string; pro: string; asked: string; tried: string }

beforeAll(async () => {
  billing = await startBilling()
  plans = {
    free: await addPlan(billing, 'free', '0.00', { isDefault: true }),
    basic: await addPlan(billing, 'basic', '31.00'),
    pro: await addPlan(billing, 'pro', '99.99'),
    asked: await addPlan(billing, 'asked', '50.00', { visibility: 'BY_REQUEST' }),
    tried: await addPlan(billing, 'tried', '62.00', { trialDays: 10 }),
  }
})
afterAll(async () => billing[Symbol.asyncDispose]())
// Half of March is over: 15 days and 12 hours of 31 days are left.
beforeEach(() => billing.goTo('2026-03-16T12:00:00.000Z'))

interface Subscription {
  readonly id: string
  readonly status: string
  readonly plan: { handle: string }
  readonly pendingPlan: { handle: string } | null
  readonly price: { amount: string }
  readonly renewsAt: string | null
  readonly version: number
}
const selection =
  'planSubscription { id status plan { handle } pendingPlan { handle } price { amount } renewsAt version }'
const change = (appId: string, planId: string, fields: object = {}, as = northwind) =>
  billing.call<{ planSubscription: Subscription | null }>(
    as,
    'changePlanSubscription',
    { appId, planId, ...fields },
    selection,
  )
const subscriptionOf = async (appId: string) => {
  const { _entities } = await billing.read<{ _entities: { planSubscription: Subscription }[] }>(
    operator,
    `query ($r: [_Any!]!) { _entities(representations: $r) { ... on App { ${selection} } } }`,
    { r: [{ __typename: 'App', id: appId }] },
  )
  return _entities[0]?.planSubscription
}
const chargesOf = async (appId: string) => {
  const charges = await billing.connection
    .collection('billing_charges')
    .find({ appId })
    .sort({ chargedAt: 1, _id: 1 })
    .toArray()
  return charges.map(({ kind, amount }) => [kind as string, (amount as { minorUnits: number }).minorUnits])
}

describe('a new app', () => {
  test('is on the default plan, once, however often its creation is told', async () => {
    const appId = await addApp(billing, 'northwind', 'new')
    await addApp(billing, 'northwind', 'new')
    expect(await subscriptionOf(appId)).toMatchObject({
      status: 'ACTIVE',
      plan: { handle: 'free' },
      renewsAt: '2026-04-01T00:00:00.000Z',
    })
    expect(await chargesOf(appId)).toEqual([])
  })
})

describe('a revoked app', () => {
  test('is not subscribed when its creation is handled only then', async () => {
    const appId = seededId('App', 'northwind:gone')
    await billing.react({ type: 'app.revoked', subject: appId, data: { organizationId: northwind.organizationId } })
    await addApp(billing, 'northwind', 'gone')
    expect(await subscriptionOf(appId)).toMatchObject({ status: 'ENDED', renewsAt: null })
  })
})

const revoke = async (name: string, renewed: boolean) => {
  billing.goTo('2026-03-31T23:59:00.000Z')
  const appId = await addApp(billing, 'northwind', name)
  await change(appId, plans.basic)
  billing.goTo('2026-04-01T00:00:10.000Z')
  if (renewed) await billing.run('subscription-renewal')
  const time = new Date('2026-03-31T23:59:30.000Z')
  const { organizationId } = northwind
  await billing.react({ type: 'app.revoked', subject: appId, time, data: { organizationId } })
  expect(await subscriptionOf(appId)).toMatchObject({ status: 'ENDED', renewsAt: null })
  expect(await unsoundBooks(billing)).toEqual([])
  const charges = await billing.connection.collection('billing_charges').find({ appId, period: '2026-04' }).toArray()
  const months = await billing.connection.collection('billing_subscription_months').find({ appId }).toArray()
  return {
    april: charges.map(({ amount }) => (amount as { minorUnits: number }).minorUnits).toSorted((a, b) => a - b),
    closed: months.map(({ period }) => period as string).toSorted(),
  }
}

describe('an app that was revoked at the end of a month', () => {
  test('is not charged for the next one, although that is learnt of only then', async () => {
    expect(await revoke('revoked-late', false)).toEqual({ april: [], closed: ['2026-03'] })
  })

  test('gets back what the next one was charged at already', async () => {
    expect(await revoke('revoked-later', true)).toEqual({ april: [-3_100, 3_100], closed: ['2026-03', '2026-04'] })
  })
})

describe('a change of plan', () => {
  test('up is made at once, and charges the rest of the month', async () => {
    const appId = await addApp(billing, 'northwind', 'up')
    const { planSubscription } = await change(appId, plans.basic)
    expect(planSubscription).toMatchObject({ plan: { handle: 'basic' }, price: { amount: '31.00' } })
    // Half of 31.00; then the rest at 31.00 back and at 99.99 charged, each as a share rounded from the month's start.
    await change(appId, plans.pro)
    expect(await chargesOf(appId)).toEqual([
      ['PRORATION_CHARGE', 1_550],
      ['PRORATION_CHARGE', 4_999],
      ['PRORATION_CREDIT', -1_550],
    ])
    expect(await unsoundBooks(billing)).toEqual([])
  })

  test('down waits for the end of the month, and can be taken back until then', async () => {
    const appId = await addApp(billing, 'northwind', 'down')
    await change(appId, plans.pro)
    const planned = await change(appId, plans.basic)
    expect(planned.planSubscription).toMatchObject({ plan: { handle: 'pro' }, pendingPlan: { handle: 'basic' } })
    const back = await change(appId, plans.pro)
    expect(back.planSubscription).toMatchObject({ plan: { handle: 'pro' }, pendingPlan: null })
    await change(appId, plans.basic)
    billing.goTo('2026-04-01T00:00:00.000Z')
    await billing.run('subscription-renewal')
    expect(await subscriptionOf(appId)).toMatchObject({
      plan: { handle: 'basic' },
      pendingPlan: null,
      renewsAt: '2026-05-01T00:00:00.000Z',
    })
    expect(await chargesOf(appId)).toEqual([
      ['PRORATION_CHARGE', 4_999],
      ['PLAN_FEE', 3_100],
    ])
  })

  test('down at once gives a credit', async () => {
    const appId = await addApp(billing, 'northwind', 'credit')
    await change(appId, plans.pro)
    const { planSubscription } = await change(appId, plans.basic, { when: 'NOW' })
    expect(planSubscription).toMatchObject({ plan: { handle: 'basic' } })
    const sum = (await chargesOf(appId)).reduce((total, [, minorUnits]) => total + Number(minorUnits), 0)
    expect(sum).toBe(1_550)
  })

  test.each([
    ['to the plan that the app is on', () => plans.free, 'ALREADY_ON_PLAN'],
    ['to a plan that is granted by request', () => plans.asked, 'PLAN_BY_REQUEST'],
    ['to a plan that does not exist', () => seededId('Plan', 'none'), 'NOT_FOUND'],
  ])('%s is refused', async (_case, planId, code) => {
    const appId = await addApp(billing, 'northwind', 'refused')
    expect((await change(appId, planId())).userErrors).toMatchObject([{ code }])
  })

  test("of another organization's app is refused like one of no app", async () => {
    const appId = await addApp(billing, 'northwind', 'foreign')
    const foreign = await change(appId, plans.basic, {}, contoso)
    const unknown = await change(seededId('App', 'none'), plans.basic, {}, contoso)
    expect(foreign.userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    expect(foreign).toEqual(unknown)
  })

  test('of a version that is no longer there is refused', async () => {
    const appId = await addApp(billing, 'northwind', 'stale')
    const { planSubscription } = await change(appId, plans.basic, { expectedVersion: 1 })
    expect(planSubscription?.version).toBe(2)
    expect((await change(appId, plans.pro, { expectedVersion: 1 })).userErrors).toMatchObject([
      { code: 'STALE_VERSION' },
    ])
  })

  test('that is made many times at once charges once', async () => {
    const appId = await addApp(billing, 'northwind', 'race')
    const answers = await Promise.all(Array.from({ length: 8 }, () => change(appId, plans.basic)))
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1)
    expect(await chargesOf(appId)).toEqual([['PRORATION_CHARGE', 1_550]])
  })
})

describe('a trial', () => {
  test('costs nothing, and then the rest of the month in which it ends', async () => {
    const appId = await addApp(billing, 'contoso', 'trial')
    const { planSubscription } = await change(appId, plans.tried, {}, contoso)
    expect(planSubscription).toMatchObject({ status: 'TRIALING', renewsAt: '2026-03-26T12:00:00.000Z' })
    expect(await chargesOf(appId)).toEqual([])
    billing.goTo('2026-03-27T00:00:00.000Z')
    await billing.run('subscription-renewal')
    expect(await subscriptionOf(appId)).toMatchObject({ status: 'ACTIVE', renewsAt: '2026-04-01T00:00:00.000Z' })
    // From the moment when the trial ended, not from when the timer ran: 5.5 of 31 days.
    expect(await chargesOf(appId)).toEqual([['PLAN_FEE', 1_100]])
  })

  test('is given once', async () => {
    const appId = await addApp(billing, 'contoso', 'twice')
    await change(appId, plans.tried, {}, contoso)
    await change(appId, plans.free, { when: 'NOW' }, contoso)
    const { planSubscription } = await change(appId, plans.tried, {}, contoso)
    expect(planSubscription).toMatchObject({ status: 'ACTIVE', plan: { handle: 'tried' } })
  })

  test('begins or ends with a change that was planned for the end of the month', async () => {
    const into = await addApp(billing, 'contoso', 'into-trial')
    await change(into, plans.tried, { when: 'PERIOD_END' }, contoso)
    billing.goTo('2026-03-28T00:00:00.000Z')
    const outOf = await addApp(billing, 'contoso', 'out-of-trial')
    await change(outOf, plans.tried, {}, contoso)
    await change(outOf, plans.basic, { when: 'PERIOD_END' }, contoso)
    billing.goTo('2026-04-01T00:00:00.000Z')
    await billing.run('subscription-renewal')
    expect(await subscriptionOf(into)).toMatchObject({ status: 'TRIALING', renewsAt: '2026-04-11T00:00:00.000Z' })
    expect(await chargesOf(into)).toEqual([])
    expect(await subscriptionOf(outOf)).toMatchObject({ status: 'ACTIVE', plan: { handle: 'basic' } })
    expect(await chargesOf(outOf)).toEqual([['PLAN_FEE', 3_100]])
  })

  test('that is cut short by a dearer plan is charged from then on', async () => {
    const appId = await addApp(billing, 'contoso', 'cut')
    await change(appId, plans.tried, {}, contoso)
    await change(appId, plans.basic, { when: 'NOW' }, contoso)
    expect(await chargesOf(appId)).toEqual([['PRORATION_CHARGE', 1_550]])
  })
})

describe('a renewal', () => {
  test('catches up month by month when nothing ran for long', async () => {
    const appId = await addApp(billing, 'northwind', 'long')
    await change(appId, plans.basic)
    billing.goTo('2026-07-10T00:00:00.000Z')
    await billing.runTwice('subscription-renewal')
    expect(await chargesOf(appId)).toEqual([
      ['PRORATION_CHARGE', 1_550],
      ...['April', 'May', 'June', 'July'].map(() => ['PLAN_FEE', 3_100]),
    ])
    const months = await billing.connection.collection('billing_subscription_months').find({ appId }).toArray()
    expect(months.map(({ period }) => period as string).toSorted()).toEqual([
      '2026-03',
      '2026-04',
      '2026-05',
      '2026-06',
    ])
  })

  test('that fails is told, and holds up none behind it', async () => {
    const appId = await addApp(billing, 'northwind', 'behind')
    await change(appId, plans.basic)
    const broken = await addApp(billing, 'northwind', 'broken')
    const subscriptions = billing.connection.collection('billing_plan_subscriptions')
    const toMissingPlan = { planId: seededId('Plan', 'missing'), renewsAt: new Date('2026-03-01T00:00:00.000Z') }
    await subscriptions.updateOne({ appId: broken }, { $set: toMissingPlan })
    billing.goTo('2026-04-01T00:00:00.000Z')
    await expect(billing.run('subscription-renewal')).rejects.toThrow('could not be handled')
    expect(await subscriptionOf(appId)).toMatchObject({ renewsAt: '2026-05-01T00:00:00.000Z' })
    await subscriptions.deleteOne({ appId: broken })
  })

  test('charges a new price from the next month on', async () => {
    const planId = await addPlan(billing, 'dearer', '10.00')
    const appId = await addApp(billing, 'northwind', 'dearer')
    await change(appId, planId)
    await billing.call(
      operator,
      'changePlan',
      { id: planId, monthlyPrice: { amount: '20.00', currencyCode: 'EUR' } },
      '',
    )
    expect(await chargesOf(appId)).toEqual([['PRORATION_CHARGE', 500]])
    billing.goTo('2026-04-02T00:00:00.000Z')
    await billing.run('subscription-renewal')
    expect((await chargesOf(appId)).at(-1)).toEqual(['PLAN_FEE', 2_000])
  })

  test('ends with the app, whose month is still invoiced', async () => {
    const appId = await addApp(billing, 'northwind', 'revoked')
    await billing.react({ type: 'app.revoked', subject: appId, data: { organizationId: northwind.organizationId } })
    await billing.react({ type: 'app.revoked', subject: appId, data: { organizationId: northwind.organizationId } })
    expect(await subscriptionOf(appId)).toMatchObject({ status: 'ENDED', renewsAt: null })
    const { userErrors } = await change(appId, plans.basic)
    expect(userErrors).toMatchObject([
      { code: 'ILLEGAL_TRANSITION', message: expect.stringContaining('ENDED') as string },
    ])
    const months = await billing.connection.collection('billing_subscription_months').find({ appId }).toArray()
    expect(months).toMatchObject([{ period: '2026-03', open: true }])
  })
})

const ask = (appId: string, planId = plans.asked) =>
  billing.call<{ planRequest: { id: string; version: number } | null }>(
    northwind,
    'requestPlan',
    { appId, planId, note: 'We grow.' },
    'planRequest { id version status }',
  )

const decide = (id: string | undefined, decision: string, fields: object = {}, as = operator) =>
  billing.call<{ planRequest: object | null }>(
    as,
    'decidePlanRequest',
    { id, decision, ...fields },
    'planRequest { status reason plan { handle } organization { id } app { id } }',
  )

describe('a request for a plan', () => {
  test('that is granted puts the app onto the plan with proration', async () => {
    const appId = await addApp(billing, 'northwind', 'asks')
    const { planRequest } = await ask(appId)
    expect(await ask(appId)).toMatchObject({ planRequest: null, userErrors: [{ code: 'ALREADY_REQUESTED' }] })
    expect((await decide(planRequest?.id, 'APPROVE')).planRequest).toMatchObject({ status: 'APPROVED' })
    expect(await subscriptionOf(appId)).toMatchObject({ plan: { handle: 'asked' } })
    expect(await chargesOf(appId)).toEqual([['PRORATION_CHARGE', 2_500]])
    const again = await decide(planRequest?.id, 'REJECT', { reason: 'No.' })
    expect(again.userErrors).toMatchObject([
      { code: 'ILLEGAL_TRANSITION', message: 'The request is APPROVED and cannot become REJECTED; it is final.' },
    ])
  })

  test('is rejected with a reason, and can be made again', async () => {
    const appId = await addApp(billing, 'northwind', 'rejected')
    const first = await ask(appId)
    expect((await decide(first.planRequest?.id, 'REJECT')).userErrors).toMatchObject([{ code: 'REASON_NEEDED' }])
    expect((await decide(first.planRequest?.id, 'REJECT', { reason: 'Too soon.' })).userErrors).toEqual([])
    expect((await ask(appId)).userErrors).toEqual([])
  })

  test('is withdrawn by its own organization only', async () => {
    const appId = await addApp(billing, 'northwind', 'withdrawn')
    const { planRequest } = await ask(appId)
    const withdraw = (as: typeof northwind) =>
      billing.call<{ planRequest: object | null }>(
        as,
        'withdrawPlanRequest',
        { id: planRequest?.id },
        'planRequest { status }',
      )
    expect((await withdraw(contoso)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    expect((await withdraw(northwind)).planRequest).toEqual({ status: 'WITHDRAWN' })
  })

  test('is decided by the operator alone, whatever scopes an app has', async () => {
    await expect(decide(seededId('PlanRequest', 'x'), 'APPROVE', {}, northwind)).rejects.toThrow('FORBIDDEN')
  })
})

const create = (fields: object) =>
  addPlan(billing, 'wrong', '1.00', fields).then(
    () => 'accepted',
    (error: unknown) => (JSON.parse((error as Error).message) as { code: string }[])[0]?.code,
  )

describe('plans', () => {
  test.each([
    ['a handle that is taken', { handle: 'pro' }, 'HANDLE_TAKEN'],
    ['a handle with blanks', { handle: 'a b' }, 'INVALID_HANDLE'],
    ['a price with too many decimals', { monthlyPrice: { amount: '1.001', currencyCode: 'EUR' } }, 'INVALID_AMOUNT'],
    ['a trial of a year', { trialDays: 365 }, 'INVALID_TRIAL'],
    [
      'tiers that do not ascend',
      { pricing: [{ meter: 'calls', scheme: 'VOLUME', tiers: [{ upTo: 5, price: '1.00' }] }] },
      'INVALID_PRICING',
    ],
    [
      'a price and tiers',
      { pricing: [{ meter: 'calls', scheme: 'PER_UNIT', price: '1.00', tiers: [{ price: '1.00' }] }] },
      'INVALID_PRICING',
    ],
    ['a hidden default', { visibility: 'HIDDEN', isDefault: true }, 'DEFAULT_IS_HIDDEN'],
    [
      'a query dearer than the bucket',
      { limits: { bucketSize: 1, restoreRate: 1, maxQueryCost: 2, readOnly: false } },
      'INVALID_LIMITS',
    ],
  ])('refuse %s', async (_case, fields, code) => {
    expect(await create(fields)).toBe(code)
  })

  test('keep one default: a new one takes the place of the old', async () => {
    const handles = async () => {
      const { plans: page } = await billing.read<{ plans: { nodes: { handle: string; isDefault: boolean }[] } }>(
        operator,
        '{ plans(first: 250) { nodes { handle isDefault } } }',
      )
      return page.nodes.filter(({ isDefault }) => isDefault).map(({ handle }) => handle)
    }
    const id = await addPlan(billing, 'new-default', '0.00', { isDefault: true })
    expect(await handles()).toEqual(['new-default'])
    const archive = (planId: string) => billing.call(operator, 'archivePlan', { id: planId }, 'plan { status }')
    expect((await archive(id)).userErrors).toMatchObject([{ code: 'DEFAULT_IS_NEEDED' }])
    await billing.call(operator, 'changePlan', { id: plans.free, isDefault: true }, '')
    expect(await handles()).toEqual(['free'])
    expect(await archive(id)).toMatchObject({ plan: { status: 'ARCHIVED' } })
    expect((await archive(id)).userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    expect((await change(await addApp(billing, 'northwind', 'late'), id)).userErrors).toMatchObject([
      { code: 'NOT_FOUND' },
    ])
  })

  test('give gateways the limits of another plan at once, and changed limits once their event is handled', async () => {
    const appId = await addApp(billing, 'northwind', 'limits')
    const planId = await addPlan(billing, 'limited', '5.00')
    await change(appId, planId)
    const limitsOf = async () => {
      const query = 'query ($appId: ID!) { appLimits(appId: $appId) { planName maxQueryCost } }'
      const system = { ...operator, scopes: ['system:identity'] }
      return (await billing.read<{ appLimits: object }>(system, query, { appId })).appLimits
    }
    expect(await limitsOf()).toEqual({ planName: 'limited', maxQueryCost: 500 })
    await billing.react({ type: 'plan_subscription.changed', subject: appId, data: { planId } })
    expect(await limitsOf()).toEqual({ planName: 'limited', maxQueryCost: 500 })
    const smaller = { bucketSize: 100, restoreRate: 1, maxQueryCost: 90, readOnly: true }
    await billing.call(operator, 'changePlan', { id: planId, limits: smaller }, '')
    expect(await limitsOf()).toEqual({ planName: 'limited', maxQueryCost: 500 })
    await billing.react({ type: 'plan.changed', subject: planId, data: {} })
    expect(await limitsOf()).toEqual({ planName: 'limited', maxQueryCost: 90 })
  })
})

test('what was charged in all is what the books say is unbilled', async () => {
  const charges = await billing.all<{ amount: { minorUnits: number } }>('billing_charges')
  const total = charges.reduce((sum, { amount }) => sum + amount.minorUnits, 0)
  expect(await balanceOf(billing, 'UNBILLED')).toBe(total)
  expect(await balanceOf(billing, 'PLAN_REVENUE')).toBe(-total)
})
