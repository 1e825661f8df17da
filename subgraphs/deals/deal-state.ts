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

/** Every transition there is; what is not listed is refused. */
const transitions: Readonly<Record<DealState, readonly DealState[]>> = {
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
}

const exclusiveStates: ReadonlySet<DealState> = new Set([
  'SUBMITTED',
  'UNDER_REVIEW',
  'RETURNED',
  'APPROVED',
  'CONVERTED',
])

/** The states that a registration can go to from here. */
export function nextStates(state: DealState): readonly DealState[] {
  return transitions[state]
}

/** True while a registration keeps other partners from its customer, product family and territory. */
export function isExclusive(state: DealState): boolean {
  return exclusiveStates.has(state)
}

/** Why a transition is refused, naming the current and the allowed states; undefined when it is allowed. */
export function illegalTransition(from: DealState, to: DealState): string | undefined {
  const allowed = nextStates(from)
  if (allowed.includes(to)) return undefined
  const choice = allowed.length === 0 ? 'it is final' : `it can go to ${allowed.join(', ')} only`
  return `The registration is ${from} and cannot become ${to}; ${choice}.`
}
