import type { ClientSession } from 'mongoose'
import { createId } from '../../../kit/ids.ts'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { checkInTime, checkMove, moveDeal, readDeal } from '../registrations/move-deal.ts'
import { checkCurrency } from '../terms/check-terms.ts'
import { opportunityEvent } from './change-opportunity.ts'
import { type ForecastInput, checkForecast } from './forecast.ts'
import type { OpportunityDocument } from './opportunities.ts'

export type ConvertDealInput = CommandTarget & ForecastInput

/** Makes an opportunity of an approved registration, which it stays bound to. */
export async function convertDeal(
  context: DealContext,
  input: ConvertDealInput,
  session: ClientSession,
): Promise<string> {
  const now = context.now()
  const forecast = checkForecast(input, now)
  const deal = await readDeal(context, input, session)
  checkMove(deal, 'CONVERTED', ['input', 'id'])
  checkInTime(deal, now)
  const { family, estimatedValue: had } = deal
  if (forecast.amount) {
    await checkCurrency(context.models, session, { family, had, value: forecast.amount, field: 'amount' })
  }
  const amount = forecast.amount ?? had
  if (amount === null) throw new Error(`registration ${deal._id} was approved without a value`)
  const opportunity: OpportunityDocument = {
    _id: createId('Opportunity'),
    dealId: deal._id,
    organizationId: deal.organizationId,
    stage: forecast.stage ?? 'QUALIFICATION',
    amount,
    closeDate: forecast.closeDate ?? deal.expectedCloseDate ?? now,
    lostReason: null,
    closedAt: null,
    searchWords: deal.searchWords,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  await context.models.opportunities.insert([opportunity], session)
  await moveDeal(context, session, { deal, to: 'CONVERTED', changes: { opportunityId: opportunity._id } })
  await context.events.append(session, opportunityEvent('opportunity.created', opportunity))
  return deal._id
}
