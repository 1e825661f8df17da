import { createStateMachine } from '../../kit/state-machine.ts'

export const dealStates = [
  'DRAFT',
  'SUBMITTED',
  'UNDER_REVIEW',
  'APPROVED',
  'REJECTED',
  'RETURNED',
  'CONVERTED',
  'EXPIRED',
  'WON',
  'LOST',
  'WITHDRAWN',
] as const

export type DealState = (typeof dealStates)[number]

/** Every transition there is. */
export const dealStateMachine = createStateMachine<DealState>('registration', {
  DRAFT: ['SUBMITTED', 'WITHDRAWN'],
  SUBMITTED: ['UNDER_REVIEW', 'APPROVED', 'REJECTED', 'RETURNED', 'WITHDRAWN'],
  UNDER_REVIEW: ['APPROVED', 'REJECTED', 'RETURNED', 'WITHDRAWN'],
  RETURNED: ['SUBMITTED', 'WITHDRAWN'],
  APPROVED: ['CONVERTED', 'EXPIRED', 'WON', 'LOST'],
  CONVERTED: ['WON', 'LOST'],
  REJECTED: [],
  EXPIRED: [],
  WON: [],
  LOST: [],
  WITHDRAWN: [],
})

const exclusiveStates: ReadonlySet<DealState> = new Set([
  'SUBMITTED',
  'UNDER_REVIEW',
  'RETURNED',
  'APPROVED',
  'CONVERTED',
])

/** True while a registration keeps other partners from its customer, product family and territory. */
export function isExclusive(state: DealState): boolean {
  return exclusiveStates.has(state)
}
