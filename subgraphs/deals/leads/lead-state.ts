import { createStateMachine } from '../../../kit/state-machine.ts'

export const leadStates = ['NEW', 'ASSIGNED', 'ACCEPTED', 'CONVERTED', 'DISQUALIFIED'] as const

export type LeadState = (typeof leadStates)[number]

/** Every transition there is; from ASSIGNED to itself when the lead is passed on to the next partner. */
export const leadStateMachine = createStateMachine<LeadState>('lead', {
  NEW: ['ASSIGNED', 'DISQUALIFIED'],
  ASSIGNED: ['ACCEPTED', 'ASSIGNED', 'NEW', 'DISQUALIFIED'],
  ACCEPTED: ['CONVERTED', 'ASSIGNED', 'DISQUALIFIED'],
  CONVERTED: [],
  DISQUALIFIED: [],
})
