import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { changeLead, checkLeadMove, readLead } from './change-lead.ts'
import { leadEvent } from './events.ts'

/** Accepts a lead in time, by which its customer and contact are revealed. */
export async function acceptLead(context: DealContext, input: CommandTarget, session: ClientSession): Promise<string> {
  const lead = await readLead(context, input, session)
  checkLeadMove(lead, 'ACCEPTED')
  const now = context.now()
  const { organizationId, acceptDueAt } = lead
  if (organizationId === null || acceptDueAt === null || acceptDueAt <= now) {
    throw refuse('TOO_LATE', ['input', 'id'], 'The time to accept this lead is over; it goes to another partner.')
  }
  const changes = { state: 'ACCEPTED', acceptedAt: now, acceptDueAt: null, candidates: [] } as const
  const accepted = await changeLead(context, session, lead, changes)
  await context.events.append(session, leadEvent('lead.accepted', accepted, { organizationId }))
  return lead._id
}
