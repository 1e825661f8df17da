import type { NewEvent } from '../../../kit/events.ts'
import type { PlanSubscription } from './subscription.ts'

/** The event of an app that came onto a plan; null before for its first. */
export function subscriptionChanged(
  { appId, organizationId, planId }: PlanSubscription,
  previousPlanId: string | null,
): NewEvent {
  return {
    type: 'plan_subscription.changed',
    subject: appId,
    audience: [organizationId],
    data: { organizationId, planId, previousPlanId },
  }
}
