import type { ClientSession } from 'mongoose'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { checkSubmission } from './check-submission.ts'
import { checkInTime, checkMove, moveDeal, readDeal } from './move-deal.ts'

/** Submits a draft, or again a registration that was returned. */
export async function submitDeal(context: DealContext, input: CommandTarget, session: ClientSession): Promise<string> {
  const deal = await readDeal(context, input, session)
  checkMove(deal, 'SUBMITTED', ['input', 'id'])
  checkInTime(deal, context.now())
  const changes = await checkSubmission(context, session, deal)
  await moveDeal(context, session, { deal, to: 'SUBMITTED', changes })
  return deal._id
}
