import { type Money, type MoneyInput, parseMoney } from '../../../kit/money.ts'
import { createInputErrors } from '../input-errors.ts'
import { checkCloseDate } from '../registrations/close-date.ts'
import type { OpportunityStage } from './opportunity-stage.ts'

/** What a partner expects of an opportunity; what is left out stays as it is. */
export interface ForecastInput {
  readonly stage?: Exclude<OpportunityStage, 'WON' | 'LOST'> | null
  readonly amount?: MoneyInput | null
  readonly closeDate?: Date | null
}

interface Forecast {
  readonly stage: ForecastInput['stage']
  readonly amount: Money | null
  readonly closeDate: Date | null
}

/** The checked parts of a forecast, or a refusal that tells everything that is wrong with it. */
export function checkForecast({ stage, amount: given, closeDate = null }: ForecastInput, now: Date): Forecast {
  const errors = createInputErrors()
  const amount = given ? parseMoney(given) : null
  if (given && (amount === null || amount.minorUnits === 0)) {
    errors.add(['amount'], 'An amount is a decimal text above zero such as 25000.00 with its ISO 4217 currency.')
  }
  if (closeDate !== null) checkCloseDate(closeDate, { field: 'closeDate', now }, errors)
  errors.check()
  return { stage, amount, closeDate }
}
