import { createStateMachine } from '../../../kit/state-machine.ts'

export const opportunityStages = ['QUALIFICATION', 'PROPOSAL', 'NEGOTIATION', 'WON', 'LOST'] as const

export type OpportunityStage = (typeof opportunityStages)[number]

/** An open opportunity may go to any stage, forwards or back. One that was won is reopened with its registration only. */
export const opportunityStageMachine = createStateMachine<OpportunityStage>('opportunity', {
  QUALIFICATION: ['PROPOSAL', 'NEGOTIATION', 'WON', 'LOST'],
  PROPOSAL: ['QUALIFICATION', 'NEGOTIATION', 'WON', 'LOST'],
  NEGOTIATION: ['QUALIFICATION', 'PROPOSAL', 'WON', 'LOST'],
  WON: [],
  LOST: [],
})
