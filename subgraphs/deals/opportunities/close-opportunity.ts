import type { ClientSession } from 'mongoose'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { checkStage, dealOf, readOpportunity } from './change-opportunity.ts'
import { type LoseInput, type Sale, type WinInput, lose, win } from './close-deal.ts'

/** Closes an opportunity and its registration as won. */
export async function winOpportunity(context: DealContext, input: WinInput, session: ClientSession): Promise<string> {
  const sale = await readSale(context, input, session)
  checkStage(sale.opportunity, 'WON', ['input', 'id'])
  await win(context, input, sale, session)
  return sale.opportunity._id
}

/** Closes an opportunity and its registration as lost. */
export async function loseOpportunity(context: DealContext, input: LoseInput, session: ClientSession): Promise<string> {
  const sale = await readSale(context, input, session)
  checkStage(sale.opportunity, 'LOST', ['input', 'id'])
  await lose(context, input, sale, session)
  return sale.opportunity._id
}

async function readSale(context: DealContext, input: CommandTarget, session: ClientSession) {
  const opportunity = await readOpportunity(context, input, session)
  return { deal: await dealOf(context, opportunity, session), opportunity } satisfies Sale
}
