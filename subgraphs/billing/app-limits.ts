import type { BillingContext } from './billing-context.ts'
import type { PlanLimits } from './models/plans.ts'

export interface AppLimits extends PlanLimits {
  readonly planId: string
  readonly planName: string
}

/** The limits of the plan that an app is on, else of the default plan; null when there is none either. */
export async function readAppLimits({ loaders, models }: BillingContext, appId: string): Promise<AppLimits | null> {
  const subscription = await loaders.subscriptionsByApp.load(appId)
  const subscribed = subscription === null ? null : await loaders.subscribedPlans.load(subscription.planId)
  const plan = subscribed ?? (await models.plans.findDefault())
  return plan === null ? null : { planId: plan._id, planName: plan.name, ...plan.limits }
}
