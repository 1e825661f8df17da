import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import { type CommandTarget, requireOperator } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { dealEvent } from '../registrations/events.ts'
import { expireLapsed } from '../registrations/expire-deal.ts'
import { changeDeal, readDeal } from '../registrations/move-deal.ts'
import { nextNoticeAt, reopenedMs } from '../registrations/periods.ts'
import { changeOpportunity } from './change-opportunity.ts'

/**
 * Takes a won registration back to where it was, when the order was none after all. It is the one transition that the
 * table of states does not have, because partners' commands must never find it. Where another registration has taken
 * the customer since, this one goes on without exclusivity.
 */
export async function reopenDeal(context: DealContext, input: CommandTarget, session: ClientSession): Promise<string> {
  requireOperator(context, 'reopens registrations')
  const { models, caller, events } = context
  const deal = await readDeal(context, input, session)
  if (deal.state !== 'WON') {
    const message = `The registration is ${deal.state} and cannot be reopened; only one that is WON can.`
    throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], message)
  }
  const now = context.now()
  const heldUntil = new Date(Math.max(deal.protectedUntil?.getTime() ?? 0, now.getTime() + reopenedMs))
  await expireLapsed(context, session, deal.conflictKey)
  const exclusive = !(await models.deals.isHeld(session, deal.conflictKey))
  const state = deal.opportunityId === null ? 'APPROVED' : 'CONVERTED'
  const reopened = await changeDeal(context, session, deal, {
    state,
    exclusive,
    // An opportunity without protection has none that could end.
    heldUntil: exclusive || state === 'APPROVED' ? heldUntil : null,
    protectedUntil: exclusive ? heldUntil : null,
    protectionNoticeAt: exclusive ? nextNoticeAt(heldUntil, now) : null,
    wonValue: null,
    closedAt: null,
  })
  await events.append(session, dealEvent(reopened, deal.state))
  const opportunity = deal.opportunityId && (await models.opportunities.byId(caller, session, deal.opportunityId))
  if (opportunity) {
    const changes = { stage: 'NEGOTIATION', closedAt: null } as const
    await changeOpportunity(context, session, { opportunity, type: 'opportunity.reopened', changes })
  }
  return deal._id
}
