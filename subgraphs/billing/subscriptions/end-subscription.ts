import type { ClientSession } from 'mongoose'
import type { BillingWork } from '../billing-work.ts'
import { periodOf } from '../calendar.ts'
import { chargeSubscription } from './charge-subscription.ts'
import { closeMonth, planOf, renewUntil } from './renew-subscription.ts'
import type { PlanSubscription } from './subscription.ts'

/** What an ended subscription is like. */
export const ended = { status: 'ENDED', renewsAt: null, pendingPlanId: null } as const

/**
 * Ends the subscription of an app that was revoked at a moment, which may be a while ago. That month is still invoiced,
 * without a credit for the rest of it; the fee of a month that has begun since is given back.
 */
export async function endSubscription(
  work: BillingWork,
  session: ClientSession,
  { found, at }: { readonly found: PlanSubscription; readonly at: Date },
): Promise<void> {
  const subscription = await renewUntil(work, session, found, at)
  const plan = await planOf(work, session, subscription.planId)
  const renewedUntil = subscription.renewsAt ?? at
  const latest = new Date(Math.max(at.getTime(), renewedUntil.getTime() - 1))
  const begunSince = periodOf(latest) !== periodOf(at)
  await closeMonth(work, session, subscription, plan, begunSince ? latest : at)
  const last = await work.models.subscriptions.change(subscription, ended, session)
  if (!begunSince) return
  const charges = await work.models.charges.findOpen(last.organizationId, periodOf(latest), session)
  for (const { appId, kind, planId, amount, chargedAt } of charges) {
    if (appId !== last.appId || kind !== 'PLAN_FEE' || chargedAt <= at) continue
    const credit = { ...amount, minorUnits: -amount.minorUnits }
    const charged = await planOf(work, session, planId)
    await chargeSubscription(work, session, {
      subscription: last,
      plan: charged,
      kind: 'PRORATION_CREDIT',
      amount: credit,
      at: chargedAt,
    })
  }
}
