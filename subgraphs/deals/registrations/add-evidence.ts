import type { ClientSession } from 'mongoose'
import { refuse } from '../../../storage/mutate.ts'
import type { DealContext } from '../deal-context.ts'
import { isExclusive } from './deal-state.ts'
import { dealNotice } from './events.ts'
import { mostEvidence, withEvidence } from './evidence.ts'
import type { EvidenceCommandInput } from './extend-deal.ts'
import { changeDeal, readDeal } from './move-deal.ts'

/** Adds evidence to a registration that is not closed. */
export async function addDealEvidence(
  context: DealContext,
  input: EvidenceCommandInput,
  session: ClientSession,
): Promise<string> {
  const deal = await readDeal(context, input, session)
  if (deal.state !== 'DRAFT' && !isExclusive(deal.state)) {
    const message = `The registration is ${deal.state}; evidence is for registrations that are not closed.`
    throw refuse('ILLEGAL_TRANSITION', ['input', 'id'], message)
  }
  const evidence = withEvidence(deal.evidence, input.evidence, {
    addedAt: context.now(),
    most: mostEvidence.added,
  })
  const changed = await changeDeal(context, session, deal, { evidence })
  await context.events.append(session, dealNotice('deal.evidence_added', changed))
  return deal._id
}
