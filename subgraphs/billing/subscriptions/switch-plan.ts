import type { ClientSession } from 'mongoose'
import type { BillingWork } from '../billing-work.ts'
import { monthEndAfter } from '../calendar.ts'
import type { Plan } from '../plans/plan.ts'
import { chargeSubscription } from './charge-subscription.ts'
import { restOfMonth } from './proration.ts'
import { earlier, planOf } from './renew-subscription.ts'
import type { PlanSubscription } from './subscription.ts'
import { subscriptionChanged } from './subscription-event.ts'
import { tried, trialEnd } from './trial.ts'

/**
 * Puts an app onto another plan at once: the rest of the month is given back at the price that was charged, and
 * charged at the new one. A trial goes on when the new plan has one too, and begins when the app has not had it.
 * The subscription must have been renewed up to `at`.
 */
export async function switchPlan(
  work: BillingWork,
  session: ClientSession,
  { subscription, plan, at }: { readonly subscription: PlanSubscription; readonly plan: Plan; readonly at: Date },
): Promise<PlanSubscription> {
  const trialEndsAt = trialEnd(subscription, plan, at)
  const credit = subscription.status === 'ACTIVE' ? restOfMonth(subscription.price, at) : null
  const changed = await work.models.subscriptions.change(
    subscription,
    {
      planId: plan._id,
      price: plan.monthlyPrice,
      status: trialEndsAt === null ? 'ACTIVE' : 'TRIALING',
      startedAt: at,
      trialEndsAt: trialEndsAt ?? subscription.trialEndsAt,
      triedPlanIds: trialEndsAt === null ? subscription.triedPlanIds : tried(subscription, plan),
      renewsAt: trialEndsAt === null ? monthEndAfter(at) : earlier(trialEndsAt, monthEndAfter(at)),
      pendingPlanId: null,
    },
    session,
  )
  if (credit !== null) {
    const before = await planOf(work, session, subscription.planId)
    const amount = { ...credit, minorUnits: -credit.minorUnits }
    await chargeSubscription(work, session, {
      subscription: changed,
      plan: before,
      kind: 'PRORATION_CREDIT',
      amount,
      at,
    })
  }
  if (trialEndsAt === null) {
    const amount = restOfMonth(plan.monthlyPrice, at)
    await chargeSubscription(work, session, { subscription: changed, plan, kind: 'PRORATION_CHARGE', amount, at })
  }
  await work.events.append(session, subscriptionChanged(changed, subscription.planId))
  return changed
}
