import type { NewEvent } from '../../../kit/events.ts'
import type { PlanRequest, PlanRequestStatus } from './plan-request.ts'

const types: Readonly<Record<PlanRequestStatus, string>> = {
  PENDING: 'plan_request.made',
  APPROVED: 'plan_request.approved',
  REJECTED: 'plan_request.rejected',
  WITHDRAWN: 'plan_request.withdrawn',
}

/** The event of a request that came into its status. */
export function planRequestEvent({ _id, status, organizationId, appId, planId }: PlanRequest): NewEvent {
  return { type: types[status], subject: _id, audience: [organizationId], data: { organizationId, appId, planId } }
}
