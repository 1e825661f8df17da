import type { ClientSession } from 'mongoose'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { checkText, createInputErrors } from '../input-errors.ts'
import { checkMove, moveDeal, readDeal } from './move-deal.ts'

export interface WithdrawDealInput extends CommandTarget {
  readonly reason?: string | null
}

/** Takes a registration back before it is approved; its customer is free at once. */
export async function withdrawDeal(
  context: DealContext,
  input: WithdrawDealInput,
  session: ClientSession,
): Promise<string> {
  const errors = createInputErrors()
  const closeReason = checkText(input.reason, { field: 'reason', longest: 2_000 }, errors)
  errors.check()
  const deal = await readDeal(context, input, session)
  checkMove(deal, 'WITHDRAWN', ['input', 'id'])
  await moveDeal(context, session, { deal, to: 'WITHDRAWN', changes: { closeReason } })
  return deal._id
}
