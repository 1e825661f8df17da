import { type Money, type MoneyInput, parseMoney } from '../../../kit/money.ts'
import { tierScopes } from '../../../schema/scopes.ts'
import type { InputErrors } from '../input.ts'
import type { TierThresholds } from './thresholds.ts'
import type { TierAssignment } from './tiers.ts'

const mostCurrencies = 20
const mostBenefits = 30

export interface TierThresholdsInput {
  readonly wonRevenue?: readonly MoneyInput[] | null
  readonly wonDeals?: number | null
  readonly certifiedMembers?: number | null
}

/** What both a new tier and a change of one can say. */
export interface TierInput {
  readonly grants?: readonly string[] | null
  readonly thresholds?: TierThresholdsInput | null
  readonly assignment?: TierAssignment | null
  readonly graceDays?: number | null
}

export const noThresholds: TierThresholds = { wonRevenue: [], wonDeals: null, certifiedMembers: null }

/** The thresholds of an input; notes what is wrong with them. */
export function checkThresholds(input: TierThresholdsInput, errors: InputErrors): TierThresholds {
  const count = (field: 'wonDeals' | 'certifiedMembers'): number | null => {
    const value = input[field]
    return value == null ? null : errors.whole(['thresholds', field], value, [1, 1_000_000])
  }
  const given = input.wonRevenue ?? []
  const wonRevenue = given.slice(0, mostCurrencies).flatMap((value, index) => {
    const money = parseThreshold(value)
    if (money !== null) return [money]
    const message = 'An amount is a decimal text above zero such as 250000.00 with its ISO 4217 currency.'
    errors.add(['thresholds', 'wonRevenue', String(index)], message)
    return []
  })
  const currencies = new Set(given.map(({ currencyCode }) => currencyCode))
  if (given.length > mostCurrencies || currencies.size < given.length) {
    errors.add(['thresholds', 'wonRevenue'], `There are at most ${mostCurrencies} thresholds, one per currency.`)
  }
  return { wonRevenue, wonDeals: count('wonDeals'), certifiedMembers: count('certifiedMembers') }
}

/** The benefits of an input; notes what is wrong with them. */
export function checkBenefits(given: readonly string[], errors: InputErrors): string[] {
  const benefits = given
    .slice(0, mostBenefits)
    .map((benefit, index) => errors.text(['benefits', String(index)], benefit, 200))
  if (given.length > mostBenefits) errors.add(['benefits'], `There are at most ${mostBenefits}.`)
  return benefits
}

/** The scopes of an input; notes those that a tier cannot give. */
export function checkGrants(given: readonly string[], errors: InputErrors): string[] {
  const grants = [...new Set(given)].toSorted()
  if (grants.some((scope) => !Object.hasOwn(tierScopes, scope))) {
    errors.add(['grants'], `A tier can give ${Object.keys(tierScopes).join(', ')}.`)
  }
  return grants
}

function parseThreshold(value: MoneyInput): Money | null {
  const money = parseMoney(value)
  return money !== null && money.minorUnits > 0 ? money : null
}
