import { createStateMachine } from '../../../kit/state-machine.ts'

export const applicationStatuses = ['UNCONFIRMED', 'SUBMITTED', 'APPROVED', 'REJECTED'] as const
export type ApplicationStatus = (typeof applicationStatuses)[number]

/** Every transition there is. What is never confirmed is forgotten. */
export const applicationStateMachine = createStateMachine<ApplicationStatus>('application', {
  UNCONFIRMED: ['SUBMITTED'],
  SUBMITTED: ['APPROVED', 'REJECTED'],
  APPROVED: [],
  REJECTED: [],
})
