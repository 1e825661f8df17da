import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, requireOperator } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { createInputErrors } from '../input-errors.ts'
import { checkLeadMove, offerLead, readLead } from './change-lead.ts'
import { leadEvent } from './events.ts'

export interface AssignLeadInput extends CommandTarget {
  readonly organizationIds: readonly string[]
  readonly acceptWithinHours?: number | null
}

const defaultHours = 48
const mostHours = 30 * 24
const mostCandidates = 10

/** Offers a lead to a partner, and to others after it when that one does not take it. */
export async function assignLead(
  context: DealContext,
  input: AssignLeadInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(context, 'assigns leads')
  const { organizationIds: candidates } = input
  const acceptHours = input.acceptWithinHours ?? defaultHours
  const errors = createInputErrors()
  if (candidates.length < 1 || candidates.length > mostCandidates || new Set(candidates).size < candidates.length) {
    errors.add(['organizationIds'], `A lead is offered to 1 to ${mostCandidates} partners, each once.`)
  }
  if (acceptHours < 1 || acceptHours > mostHours) {
    errors.add(['acceptWithinHours'], `A partner has 1 to ${mostHours} hours to accept.`)
  }
  errors.check()
  const lead = await readLead(context, input, session)
  checkLeadMove(lead, 'ASSIGNED')
  const known = await context.models.knownPartners.organizations(session, candidates)
  const place = candidates.findIndex((id) => !known.some(({ _id, status }) => _id === id && status === 'APPROVED'))
  if (place !== -1) {
    const message = 'There is no approved partner of this id.'
    throw refuse('PARTNER_NOT_FOUND', ['input', 'organizationIds', String(place)], message)
  }
  if (lead.organizationId !== null) {
    const { organizationId } = lead
    await context.events.append(session, leadEvent('lead.taken_back', lead, { organizationId }))
  }
  await offerLead(context, session, { lead, candidates, acceptHours })
  return lead._id
}
