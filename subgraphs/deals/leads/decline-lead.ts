import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { checkText, createInputErrors } from '../input-errors.ts'
import { passLeadOn, readLead } from './change-lead.ts'

export interface DeclineLeadInput extends CommandTarget {
  readonly reason?: string | null
}

/** Leaves a lead to the next partner. */
export async function declineLead(
  context: DealContext,
  input: DeclineLeadInput,
  session: ClientSession,
): Promise<string> {
  const errors = createInputErrors()
  const comment = checkText(input.reason, { field: 'reason', longest: 2_000 }, errors)
  errors.check()
  const lead = await readLead(context, input, session)
  if (lead.state !== 'ASSIGNED') {
    const message = `The lead is ${lead.state} and cannot be declined; only one that is ASSIGNED can.`
    throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], message)
  }
  await passLeadOn(context, session, { lead, reason: 'DECLINED', comment })
  return lead._id
}
