import { createStateMachine } from '../../../kit/state-machine.ts'

export const planRequestStatuses = ['PENDING', 'APPROVED', 'REJECTED', 'WITHDRAWN'] as const
export type PlanRequestStatus = (typeof planRequestStatuses)[number]

export const planRequestStates = createStateMachine<PlanRequestStatus>('request', {
  PENDING: ['APPROVED', 'REJECTED', 'WITHDRAWN'],
  APPROVED: [],
  REJECTED: [],
  WITHDRAWN: [],
})

/** That a partner asks for a plan which the operator grants. */
export interface PlanRequest {
  readonly _id: string
  readonly organizationId: string
  readonly appId: string
  readonly planId: string
  readonly status: PlanRequestStatus
  readonly note: string | null
  readonly reason: string | null
  readonly createdAt: Date
  readonly decidedAt: Date | null
  readonly version: number
}
