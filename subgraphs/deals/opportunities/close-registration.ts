import type { ClientSession } from 'mongoose'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { readDeal } from '../registrations/move-deal.ts'
import { type LoseInput, type Sale, type WinInput, lose, win } from './close-deal.ts'

/** Closes a registration as won, and its opportunity where it has become one. */
export async function winDeal(context: DealContext, input: WinInput, session: ClientSession): Promise<string> {
  const sale = await readSale(context, input, session)
  await win(context, input, sale, session)
  return sale.deal._id
}

/** Closes a registration as lost, and its opportunity where it has become one. */
export async function loseDeal(context: DealContext, input: LoseInput, session: ClientSession): Promise<string> {
  const sale = await readSale(context, input, session)
  await lose(context, input, sale, session)
  return sale.deal._id
}

async function readSale(context: DealContext, input: CommandTarget, session: ClientSession): Promise<Sale> {
  const deal = await readDeal(context, input, session)
  const { caller, models } = context
  const { opportunityId } = deal
  const opportunity = opportunityId === null ? null : await models.opportunities.byId(caller, session, opportunityId)
  return { deal, opportunity }
}
