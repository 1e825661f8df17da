import { createStateMachine } from '../../../kit/state-machine.ts'

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

/** Every transition there is but one: `reopenDeal` alone takes a won registration back, see `reopen-deal.ts`. */
export const dealStateMachine = createStateMachine<DealState>('registration', {
  DRAFT: ['SUBMITTED', 'WITHDRAWN'],
  SUBMITTED: ['UNDER_REVIEW', 'APPROVED', 'REJECTED', 'RETURNED', 'WITHDRAWN'],
  UNDER_REVIEW: ['APPROVED', 'REJECTED', 'RETURNED', 'WITHDRAWN'],
  RETURNED: ['SUBMITTED', 'WITHDRAWN', 'EXPIRED'],
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

/** True for states in which a registration can keep other partners from its customer, product family and territory. */
export function isExclusive(state: DealState): boolean {
  return exclusiveStates.has(state)
}

/** States in which the partner may still change what it registers. */
export const editableStates: ReadonlySet<DealState> = new Set(['DRAFT', 'RETURNED'])

/** States in which the partner's right to the customer runs out by time. */
export const protectedStates: ReadonlySet<DealState> = new Set(['APPROVED', 'CONVERTED'])
