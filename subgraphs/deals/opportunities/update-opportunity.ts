import type { ClientSession } from 'mongoose'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { checkCurrency } from '../terms/check-terms.ts'
import { changeOpportunity, checkStage, dealOf, readOpportunity } from './change-opportunity.ts'
import { type ForecastInput, checkForecast } from './forecast.ts'

export type UpdateOpportunityInput = CommandTarget & ForecastInput

/** Changes the stage, the amount or the close date of an open opportunity. */
export async function updateOpportunity(
  context: DealContext,
  input: UpdateOpportunityInput,
  session: ClientSession,
): Promise<string> {
  const { stage, amount, closeDate } = checkForecast(input, context.now())
  const opportunity = await readOpportunity(context, input, session)
  const next = stage ?? opportunity.stage
  // A closed one leads nowhere, so that it is refused whichever stage is asked for.
  if (next !== opportunity.stage || opportunity.closedAt !== null) {
    checkStage(opportunity, next, ['input', stage ? 'stage' : 'id'])
  }
  if (amount) {
    const { family } = await dealOf(context, opportunity, session)
    await checkCurrency(context.models, session, { family, had: opportunity.amount, value: amount, field: 'amount' })
  }
  const changes = {
    stage: next,
    amount: amount ?? opportunity.amount,
    closeDate: closeDate ?? opportunity.closeDate,
  }
  await changeOpportunity(context, session, { opportunity, type: 'opportunity.changed', changes })
  return opportunity._id
}
