import { createStateMachine } from '../../../kit/state-machine.ts'

export const organizationTypes = ['RESELLER', 'DISTRIBUTOR', 'ISV', 'REFERRAL', 'SI'] as const
export type OrganizationType = (typeof organizationTypes)[number]

export const organizationStatuses = ['APPLIED', 'APPROVED', 'REJECTED', 'SUSPENDED', 'TERMINATED'] as const
export type OrganizationStatus = (typeof organizationStatuses)[number]

/** Every transition there is. */
export const organizationStateMachine = createStateMachine<OrganizationStatus>('organization', {
  APPLIED: ['APPROVED', 'REJECTED'],
  APPROVED: ['SUSPENDED', 'TERMINATED'],
  SUSPENDED: ['APPROVED', 'TERMINATED'],
  REJECTED: [],
  TERMINATED: [],
})

/** The states in which an organization can still gain members. */
export function isOpen(status: OrganizationStatus): boolean {
  return status === 'APPLIED' || status === 'APPROVED'
}

/**
 * Why a command may not bring an organization into a state. Approval is reached in two ways, by a decision from
 * APPLIED and by reinstatement from SUSPENDED, and neither command does what is the other's.
 */
export function statusRefusal(from: OrganizationStatus, to: OrganizationStatus, only?: OrganizationStatus) {
  const refusal = organizationStateMachine.refusal(from, to)
  if (refusal !== undefined || only === undefined || from === only) return refusal
  const allowed = organizationStateMachine.next(from).join(', ')
  return `The organization is ${from}, and this is for one that is ${only}; it can go to ${allowed} by other mutations.`
}
