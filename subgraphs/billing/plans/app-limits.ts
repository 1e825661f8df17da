import type { Reaction, Timer } from '../../../kit/background.ts'
import type { BillingContext } from '../billing-context.ts'
import { limitsRenewed } from '../limits/limits-changes.ts'
import type { BillingModels } from '../models/billing-models.ts'
import { inTransaction } from '../transaction.ts'
import { type PlanLimits, completeLimits } from './plan.ts'

export interface AppLimits extends PlanLimits {
  readonly planId: string
  readonly planName: string
  readonly appId: string
  /** Null for an app without a subscription. */
  readonly organizationId: string | null
}

const appsPerBatch = 1_000

/**
 * The limits of the plan that an app is on, else of the default plan; null when there is none either. An app that has
 * just come onto another plan is told that one's, although what was projected is still the old one's.
 */
export async function readAppLimits({ models }: BillingContext, appId: string): Promise<AppLimits | null> {
  const [projected, subscription] = await Promise.all([
    models.appLimits.find(appId),
    models.subscriptions.placeOf(appId),
  ])
  const organizationId = subscription?.organizationId ?? null
  if (projected !== null && projected.planId === (subscription?.planId ?? projected.planId)) {
    const { planId, planName, limits } = projected
    return { planId, planName, appId, organizationId, ...completeLimits(limits) }
  }
  const [plan] = subscription
    ? await models.plans.readSubscribed([subscription.planId])
    : [await models.plans.findDefault()]
  if (!plan) return null
  return { planId: plan._id, planName: plan.name, appId, organizationId, ...completeLimits(plan.limits) }
}

/** Renews the limits of an app that came onto another plan; from the subscription, so that a repeat does no harm. */
export const renewLimitsOfApp: Reaction<BillingModels> = {
  name: 'limits-of-app',
  types: ['plan_subscription.changed'],
  async handle({ models: { subscriptions, plans, appLimits } }, { subject: appId }, session) {
    const subscription = await subscriptions.findByApp(appId, session)
    const plan = subscription && (await plans.findById(subscription.planId, session))
    if (plan) await appLimits.set(appId, plan, session)
  },
}

/** Renews the limits of all apps on a plan that was changed; of more than a batch, a timer renews the rest. */
export const renewLimitsOfPlan: Reaction<BillingModels> = {
  name: 'limits-of-plan',
  types: ['plan.changed'],
  async handle({ models: { plans, appLimits }, events }, { subject: planId }, session) {
    const plan = await plans.findById(planId, session)
    if (plan === null) return
    const renewed = await appLimits.renew(plan, appsPerBatch, session)
    if (renewed === appsPerBatch) await appLimits.leaveToTimer(planId, session)
    await events.append(session, limitsRenewed(planId))
  },
}

/** What `renewLimitsOfPlan` has left. */
export const renewLeftLimits: Timer<BillingModels> = {
  name: 'limits-renewal',
  run: ({ connection, models: { plans, appLimits }, events }) =>
    inTransaction(connection, async (session) => {
      const renewal = await appLimits.nextRenewal(session)
      if (renewal === null) return 0
      const plan = await plans.findById(renewal._id, session)
      const renewed = plan === null ? 0 : await appLimits.renew(plan, appsPerBatch, session)
      if (renewed < appsPerBatch) await appLimits.endRenewal(renewal._id, session)
      if (renewed > 0) await events.append(session, limitsRenewed(renewal._id))
      return 1
    }),
}
