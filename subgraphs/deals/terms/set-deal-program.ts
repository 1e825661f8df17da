import { type MoneyInput, parseMoney } from '../../../kit/money.ts'
import type { ClientSession } from 'mongoose'
import { requireOperator } from '../../../storage/command-target.ts'
import type { DealContext } from '../deal-context.ts'
import { createInputErrors } from '../input-errors.ts'

export interface SetDealProgramInput {
  readonly family: string
  readonly minimumValues: readonly MoneyInput[]
}

/** Opens a product family to registration, or changes its least values. */
export async function setDealProgram(
  context: DealContext,
  input: SetDealProgramInput,
  session: ClientSession,
): Promise<string> {
  requireOperator(context, 'sets the terms of registration')
  const errors = createInputErrors()
  const family = input.family.trim()
  if (family.length < 1 || family.length > 100) errors.add(['family'], 'A family has 1 to 100 characters.')
  if (input.minimumValues.length < 1 || input.minimumValues.length > 20) {
    errors.add(['minimumValues'], 'A family is registered in 1 to 20 currencies.')
  }
  const minimumValues = input.minimumValues.flatMap((value, place) => {
    const money = parseMoney(value)
    if (!money) errors.add(['minimumValues', String(place)], 'An amount is a decimal text with its ISO 4217 currency.')
    return money ?? []
  })
  if (new Set(minimumValues.map(({ currencyCode }) => currencyCode)).size < minimumValues.length) {
    errors.add(['minimumValues'], 'A currency occurs twice.')
  }
  errors.check()
  await context.models.terms.setProgram(session, family, minimumValues)
  await context.events.append(session, { type: 'deal_program.set', subject: family, audience: [], data: { family } })
  return family
}
