import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { protectedStates } from './deal-state.ts'
import { dealNotice } from './events.ts'
import { type EvidenceInput, mostEvidence, withEvidence } from './evidence.ts'
import { changeDeal, readDeal } from './move-deal.ts'
import { extensionMs, nextNoticeAt } from './periods.ts'

export interface EvidenceCommandInput extends CommandTarget {
  readonly evidence: readonly EvidenceInput[]
}

/** Extends a protection that still runs, once, for a partner that shows that it works on the deal. */
export async function extendDeal(
  context: DealContext,
  input: EvidenceCommandInput,
  session: ClientSession,
): Promise<string> {
  const deal = await readDeal(context, input, session)
  const now = context.now()
  const { protectedUntil } = deal
  if (!protectedStates.has(deal.state)) {
    const message = `The registration is ${deal.state} and has no protection to extend; only APPROVED and CONVERTED ones have.`
    throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], message)
  }
  if (deal.extendedAt !== null) {
    throw refuse('ALREADY_EXTENDED', ['input', 'id'], 'A protection can be extended once, and this one was.')
  }
  if (!deal.exclusive || protectedUntil === null || protectedUntil <= now) {
    throw refuse('PROTECTION_ENDED', ['input', 'id'], 'The protection has ended; register the deal anew.')
  }
  const evidence = withEvidence(deal.evidence, input.evidence, { addedAt: now, most: mostEvidence.withExtension })
  const until = new Date(protectedUntil.getTime() + extensionMs)
  const extended = await changeDeal(context, session, deal, {
    evidence,
    extendedAt: now,
    protectedUntil: until,
    heldUntil: until,
    protectionNoticeAt: nextNoticeAt(until, now),
  })
  await context.events.append(session, dealNotice('deal.extended', extended))
  return deal._id
}
