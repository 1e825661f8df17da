import { createStateMachine } from '../../../kit/state-machine.ts'

export const engagementStates = ['INVITED', 'ACTIVE', 'DECLINED', 'CLOSED'] as const

export type EngagementState = (typeof engagementStates)[number]

/** Every transition there is; an invitation that is taken back is closed too. */
export const engagementStateMachine = createStateMachine<EngagementState>('engagement', {
  INVITED: ['ACTIVE', 'DECLINED', 'CLOSED'],
  ACTIVE: ['CLOSED'],
  DECLINED: [],
  CLOSED: [],
})
