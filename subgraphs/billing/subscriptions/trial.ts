import type { Plan } from '../plans/plan.ts'
import type { PlanSubscription } from './subscription.ts'

const dayMs = 24 * 60 * 60 * 1000

/** When the trial ends with which an app comes onto a plan; null when the plan has none, or the app has had it. */
export function trialEnd(
  { status, trialEndsAt, triedPlanIds }: Pick<PlanSubscription, 'status' | 'trialEndsAt' | 'triedPlanIds'>,
  plan: Plan,
  at: Date,
): Date | null {
  if (plan.trialDays === 0) return null
  if (status === 'TRIALING') return trialEndsAt
  return triedPlanIds.includes(plan._id) ? null : new Date(at.getTime() + plan.trialDays * dayMs)
}

/** The plans that an app has tried, this one included. */
export function tried({ triedPlanIds }: Pick<PlanSubscription, 'triedPlanIds'>, { _id }: Plan): readonly string[] {
  return triedPlanIds.includes(_id) ? triedPlanIds : [...triedPlanIds, _id]
}
