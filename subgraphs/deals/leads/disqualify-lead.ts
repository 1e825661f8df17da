import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { checkText, createInputErrors } from '../input-errors.ts'
import { changeLead, checkLeadMove, readLead } from './change-lead.ts'
import { leadEvent } from './events.ts'

export interface DisqualifyLeadInput extends CommandTarget {
  readonly reason: string
}

/** Closes a lead that will come to nothing: the operator any, a partner one that it has accepted. */
export async function disqualifyLead(
  context: DealContext,
  input: DisqualifyLeadInput,
  session: ClientSession,
): Promise<string> {
  const errors = createInputErrors()
  const closeReason = checkText(input.reason, { field: 'reason', longest: 2_000 }, errors)
  if (closeReason === null) errors.add(['reason'], 'Say why the lead comes to nothing.')
  errors.check()
  const lead = await readLead(context, input, session)
  checkLeadMove(lead, 'DISQUALIFIED')
  if (!context.caller.operator && lead.state !== 'ACCEPTED') {
    throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], 'You have not accepted this lead; decline it instead.')
  }
  const changes = { state: 'DISQUALIFIED', closeReason, acceptDueAt: null, candidates: [] } as const
  const closed = await changeLead(context, session, lead, changes)
  const organizationId = lead.organizationId ?? lead.createdBy
  await context.events.append(session, leadEvent('lead.disqualified', closed, { organizationId }))
  return lead._id
}
