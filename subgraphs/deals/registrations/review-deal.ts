import type { ClientSession } from 'mongoose'
import { type CommandTarget, requireOperator } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { checkMove, moveDeal, readDeal } from './move-deal.ts'

/** Takes a registration under review; the time to decide runs on. */
export async function reviewDeal(context: DealContext, input: CommandTarget, session: ClientSession): Promise<string> {
  requireOperator(context, 'reviews registrations')
  const deal = await readDeal(context, input, session)
  checkMove(deal, 'UNDER_REVIEW', ['input', 'id'])
  await moveDeal(context, session, { deal, to: 'UNDER_REVIEW' })
  return deal._id
}
