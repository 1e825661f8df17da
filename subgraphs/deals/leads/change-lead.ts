import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, checkTarget } from '../../../storage/command-target.ts'
import { changedInside } from '../command.ts'
import type { DealContext } from '../deal-context.ts'
import { leadEvent } from './events.ts'
import type { LeadDocument } from './lead-document.ts'
import { type LeadState, leadStateMachine } from './lead-state.ts'

/** What a change needs; timers have it too. */
export type LeadWork = Pick<DealContext, 'models' | 'events' | 'now'>

const hourMs = 60 * 60 * 1000

/** The lead that a command is about, in full. */
export async function readLead(
  { models, caller }: DealContext,
  input: CommandTarget,
  session: ClientSession,
): Promise<LeadDocument> {
  return checkTarget('lead', await models.leads.unmasked(caller, session, input.id), input)
}

/** Refuses a transition that the table does not have. */
export function checkLeadMove(lead: LeadDocument, state: LeadState): void {
  const illegal = leadStateMachine.refusal(lead.state, state)
  if (illegal) throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], illegal)
}

/** Changes a lead as it was read. */
export async function changeLead(
  { models, now }: LeadWork,
  session: ClientSession,
  lead: LeadDocument,
  changes: Partial<Omit<LeadDocument, '_id' | 'version' | 'updatedAt'>>,
): Promise<LeadDocument> {
  return changedInside(await models.leads.change(session, lead, { ...changes, updatedAt: now() }), lead._id)
}

/** Offers a lead to the first of its candidates who may have it now; to nobody when none is left. */
export async function offerLead(
  work: LeadWork,
  session: ClientSession,
  offer: {
    readonly lead: LeadDocument
    readonly candidates: readonly string[]
    readonly acceptHours: number
    readonly changes?: Partial<Pick<LeadDocument, 'passedOn'>>
  },
): Promise<LeadDocument> {
  const { lead, candidates, acceptHours, changes } = offer
  const known = await work.models.knownPartners.organizations(session, candidates)
  const approved = new Set(known.filter(({ status }) => status === 'APPROVED').map(({ _id }) => _id))
  const [organizationId, ...others] = candidates.filter((id) => approved.has(id))
  const base = { ...changes, candidates: others, acceptHours, acceptedAt: null }
  if (organizationId === undefined) {
    const idle = { ...base, state: 'NEW' as const, organizationId: null, acceptDueAt: null }
    const returned = await changeLead(work, session, lead, idle)
    await work.events.append(session, leadEvent('lead.unassigned', returned, { organizationId: lead.createdBy }))
    return returned
  }
  const acceptDueAt = new Date(work.now().getTime() + acceptHours * hourMs)
  const assigned = await changeLead(work, session, lead, { ...base, state: 'ASSIGNED', organizationId, acceptDueAt })
  const more = { acceptDueAt: acceptDueAt.toISOString() }
  await work.events.append(session, leadEvent('lead.assigned', assigned, { organizationId, more }))
  return assigned
}

/** Takes a lead from the partner who has not accepted it and offers it to the next. */
export async function passLeadOn(
  work: LeadWork,
  session: ClientSession,
  pass: {
    readonly lead: LeadDocument
    readonly reason: 'DECLINED' | 'TIMED_OUT'
    readonly comment: string | null
  },
): Promise<void> {
  const { lead, reason, comment } = pass
  const { organizationId, candidates, acceptHours } = lead
  if (organizationId === null) throw new Error(`lead ${lead._id} is assigned to nobody`)
  const type = reason === 'DECLINED' ? 'lead.declined' : 'lead.timed_out'
  await work.events.append(session, leadEvent(type, lead, { organizationId }))
  const passedOn = { organizationId, reason, comment, at: work.now() }
  await offerLead(work, session, { lead, candidates, acceptHours, changes: { passedOn } })
}
