import type { ClientSession } from 'mongoose'
import { type Money, type MoneyInput, parseMoney } from '../../../kit/money.ts'
import type { CommandTarget } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { checkText, createInputErrors } from '../input-errors.ts'
import type { DealRegistrationDocument } from '../registrations/deal-document.ts'
import { checkInTime, checkMove, moveDeal } from '../registrations/move-deal.ts'
import { checkCurrency } from '../terms/check-terms.ts'
import { changeOpportunity, checkStage } from './change-opportunity.ts'
import type { OpportunityDocument } from './opportunities.ts'

export interface WinInput extends CommandTarget {
  /** What the customer ordered for; what was expected when left out. */
  readonly value?: MoneyInput | null
}

export interface LoseInput extends CommandTarget {
  readonly reason: string
}

/** A registration and the opportunity that it has become, if it has. */
export interface Sale {
  readonly deal: DealRegistrationDocument
  readonly opportunity: OpportunityDocument | null
}

/** Closes a registration and its opportunity as won. */
export async function win(context: DealContext, input: WinInput, sale: Sale, session: ClientSession): Promise<void> {
  const { deal, opportunity } = sale
  const value = checkValue(input.value)
  checkMove(deal, 'WON', ['input', 'id'])
  checkInTime(deal, context.now())
  const had = opportunity?.amount ?? deal.estimatedValue
  if (value) await checkCurrency(context.models, session, { family: deal.family, had, value, field: 'value' })
  const wonValue = value ?? had
  if (opportunity && wonValue) {
    checkStage(opportunity, 'WON', ['input', 'id'])
    const changes = { stage: 'WON', amount: wonValue, closedAt: context.now() } as const
    await changeOpportunity(context, session, { opportunity, type: 'opportunity.won', changes })
  }
  await moveDeal(context, session, { deal, to: 'WON', changes: { wonValue } })
}

/** Closes a registration and its opportunity as lost. */
export async function lose(context: DealContext, input: LoseInput, sale: Sale, session: ClientSession): Promise<void> {
  const { deal, opportunity } = sale
  const errors = createInputErrors()
  const reason = checkText(input.reason, { field: 'reason', longest: 2_000 }, errors)
  if (reason === null) errors.add(['reason'], 'Say why the deal was lost.')
  errors.check()
  checkMove(deal, 'LOST', ['input', 'id'])
  if (opportunity) {
    checkStage(opportunity, 'LOST', ['input', 'id'])
    const changes = { stage: 'LOST', lostReason: reason, closedAt: context.now() } as const
    await changeOpportunity(context, session, { opportunity, type: 'opportunity.lost', changes })
  }
  await moveDeal(context, session, { deal, to: 'LOST', changes: { closeReason: reason } })
}

function checkValue(given: MoneyInput | null | undefined): Money | null {
  if (!given) return null
  const value = parseMoney(given)
  const errors = createInputErrors()
  if (value === null || value.minorUnits === 0) {
    errors.add(['value'], 'An amount is a decimal text above zero such as 25000.00 with its ISO 4217 currency.')
  }
  errors.check()
  return value
}
