import type { ClientSession } from 'mongoose'
import type { Reaction } from '../../../kit/background.ts'
import { createId } from '../../../kit/ids.ts'
import type { BillingWork } from '../billing-work.ts'
import { monthEndAfter } from '../calendar.ts'
import type { BillingModels } from '../models/billing-models.ts'
import type { Plan } from '../plans/plan.ts'
import { chargeSubscription } from './charge-subscription.ts'
import { restOfMonth } from './proration.ts'
import { closeMonth, earlier, planOf, renewUntil } from './renew-subscription.ts'
import type { PlanSubscription } from './subscription.ts'
import { subscriptionChanged } from './subscription-event.ts'
import { trialEnd } from './switch-plan.ts'

/** A new app is on the default plan. */
export const subscribeApp: Reaction<BillingModels> = {
  name: 'subscribe-app',
  types: ['app.created'],
  async handle(context, { subject: appId, time, data }, session) {
    if ((await context.models.subscriptions.findByApp(appId, session)) !== null) return
    const plan = await context.models.plans.findDefault(session)
    if (plan === null) return
    const owner = { appId, appName: String(data['name']), organizationId: String(data['organizationId']) }
    await beginSubscription(context, session, { ...owner, plan, at: time })
  },
}

async function beginSubscription(
  work: BillingWork,
  session: ClientSession,
  { plan, at, ...owner }: { appId: string; appName: string; organizationId: string; plan: Plan; at: Date },
): Promise<void> {
  const trialEndsAt = trialEnd({ status: 'ACTIVE', trialEndsAt: null, triedPlanIds: [] }, plan, at)
  const subscription: PlanSubscription = {
    _id: createId('PlanSubscription'),
    ...owner,
    planId: plan._id,
    status: trialEndsAt === null ? 'ACTIVE' : 'TRIALING',
    price: plan.monthlyPrice,
    startedAt: at,
    trialEndsAt,
    triedPlanIds: trialEndsAt === null ? [] : [plan._id],
    renewsAt: trialEndsAt === null ? monthEndAfter(at) : earlier(trialEndsAt, monthEndAfter(at)),
    pendingPlanId: null,
    version: 1,
  }
  await work.models.subscriptions.insert(subscription, session)
  if (trialEndsAt === null) {
    const amount = restOfMonth(plan.monthlyPrice, at)
    await chargeSubscription(work, session, { subscription, plan, kind: 'PLAN_FEE', amount, at })
  }
  await work.events.append(session, subscriptionChanged(subscription, null))
}

/** The subscription of a revoked app ends. Its month is still invoiced; the fee of the rest of it is not given back. */
export const endSubscription: Reaction<BillingModels> = {
  name: 'end-subscription',
  types: ['app.revoked'],
  async handle(context, { subject: appId }, session) {
    const now = context.now()
    const found = await context.models.subscriptions.findByApp(appId, session)
    if (found === null || found.status === 'ENDED') return
    const subscription = await renewUntil(context, session, found, now)
    await closeMonth(context, session, subscription, await planOf(context, session, subscription.planId), now)
    await context.models.subscriptions.change(
      subscription,
      { status: 'ENDED', renewsAt: null, pendingPlanId: null },
      session,
    )
  },
}
