import type { ClientSession } from 'mongoose'
import type { Timer } from '../../../kit/background.ts'
import type { BillingWork } from '../billing-work.ts'
import { isMonthBoundary, monthEndAfter, periodEnd, periodOf } from '../calendar.ts'
import { forEachDue } from '../for-each-due.ts'
import type { BillingModels } from '../models/billing-models.ts'
import type { Plan } from '../plans/plan.ts'
import { inTransaction } from '../transaction.ts'
import { lateUsageMs } from '../usage/late-usage.ts'
import { chargeSubscription } from './charge-subscription.ts'
import { restOfMonth } from './proration.ts'
import type { PlanSubscription } from './subscription.ts'
import { subscriptionChanged } from './subscription-event.ts'
import { tried, trialEnd } from './trial.ts'

const appsPerBatch = 100
/** Beyond the window for late usage, so that clocks that differ a little cannot let usage slip past the invoice. */
const marginMs = 60 * 60 * 1000

/** Does what has fallen due of subscriptions: trials end, months are closed, planned changes happen, fees are charged. */
export const renewSubscriptions: Timer<BillingModels> = {
  name: 'subscription-renewal',
  async run(context) {
    const now = context.now()
    const appIds = await context.models.subscriptions.dueApps(now, appsPerBatch)
    return forEachDue(appIds, 8, (appId) =>
      inTransaction(context.connection, async (session) => {
        const subscription = await context.models.subscriptions.findByApp(appId, session)
        if (subscription !== null) await renewUntil(context, session, subscription, now)
      }),
    )
  },
}

/** Brings a subscription up to a moment, step by step, as if each step had been done when it fell due. */
export async function renewUntil(
  work: BillingWork,
  session: ClientSession,
  subscription: PlanSubscription,
  now: Date,
): Promise<PlanSubscription> {
  let current = subscription
  while (current.renewsAt !== null && current.renewsAt <= now) {
    current = await renewOnce(work, session, current, current.renewsAt)
  }
  return current
}

async function renewOnce(
  work: BillingWork,
  session: ClientSession,
  subscription: PlanSubscription,
  at: Date,
): Promise<PlanSubscription> {
  const before = await planOf(work, session, subscription.planId)
  const monthIsOver = isMonthBoundary(at)
  if (monthIsOver) await closeMonth(work, session, subscription, before, new Date(at.getTime() - 1))
  const planned = monthIsOver && subscription.pendingPlanId !== null
  const plan = planned ? await planOf(work, session, subscription.pendingPlanId ?? '') : before
  const running = subscription.status === 'TRIALING' ? subscription.trialEndsAt : null
  const trialEndsAt = planned ? trialEnd(subscription, plan, at) : running
  const trialing = trialEndsAt !== null && trialEndsAt > at
  const next: Partial<PlanSubscription> = {
    planId: plan._id,
    price: plan.monthlyPrice,
    status: trialing ? 'TRIALING' : 'ACTIVE',
    renewsAt: trialing ? earlier(trialEndsAt, monthEndAfter(at)) : monthEndAfter(at),
    ...(trialing ? { trialEndsAt, triedPlanIds: tried(subscription, plan) } : {}),
    ...(planned ? { pendingPlanId: null, startedAt: at } : {}),
  }
  const renewed = await work.models.subscriptions.change(subscription, next, session)
  if (!trialing) {
    const amount = restOfMonth(plan.monthlyPrice, at)
    await chargeSubscription(work, session, { subscription: renewed, plan, kind: 'PLAN_FEE', amount, at })
  }
  if (planned) await work.events.append(session, subscriptionChanged(renewed, subscription.planId))
  return renewed
}

/** Notes what a month's usage is to be priced by, for the invoice run. */
export async function closeMonth(
  { models }: BillingWork,
  session: ClientSession,
  subscription: PlanSubscription,
  plan: Plan,
  within: Date,
): Promise<void> {
  const { _id, organizationId, appId, appName, status } = subscription
  const period = periodOf(within)
  await models.subscriptionMonths.insert(
    {
      _id: `${_id}:${period}`,
      subscriptionId: _id,
      organizationId,
      appId,
      appName,
      period,
      planId: plan._id,
      planName: plan.name,
      currencyCode: plan.monthlyPrice.currencyCode,
      pricing: status === 'TRIALING' ? [] : plan.pricing,
      open: true,
      dueAt: new Date(periodEnd(period).getTime() + lateUsageMs + marginMs),
    },
    session,
  )
}

export async function planOf({ models }: BillingWork, session: ClientSession, id: string): Promise<Plan> {
  const plan = await models.plans.findById(id, session)
  if (plan === null) throw new Error(`a subscription leads to plan ${id}, which does not exist`)
  return plan
}

export function earlier(a: Date, b: Date): Date {
  return a < b ? a : b
}
