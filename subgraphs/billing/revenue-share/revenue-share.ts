import { type Money, addMoney } from '../../../kit/money.ts'
import { splitByWeights } from '../money/rounding.ts'
import type { RevenueShareTerms } from '../plans/pricing-rule.ts'

/** What an organization earned of a paid invoice of another, by the terms of its plan and pricing rules. */
export interface RevenueShare {
  readonly _id: string
  /** Who earns. */
  readonly organizationId: string
  readonly invoiceId: string
  readonly period: string | null
  readonly gross: Money
  readonly shareBasisPoints: number
  readonly amount: Money
  readonly accruedAt: Date
}

interface SharedLine {
  readonly amount: Money
  readonly revenueShare: RevenueShareTerms | null
}

/**
 * What each publisher earns of an invoice. Lines of the same terms are put together first, credits included; then the
 * sum is split between publisher and platform by the largest remainder, so that the two come to it exactly.
 */
export function revenueSharesOf(
  lines: readonly SharedLine[],
): { terms: RevenueShareTerms; gross: Money; amount: Money }[] {
  const sums = new Map<string, { terms: RevenueShareTerms; gross: Money }>()
  for (const { amount, revenueShare: terms } of lines) {
    if (terms === null) continue
    const key = `${terms.organizationId}:${terms.basisPoints}`
    const before = sums.get(key)
    sums.set(key, { terms, gross: before === undefined ? amount : addMoney(before.gross, amount) })
  }
  return [...sums.values()].flatMap(({ terms, gross }) => {
    const [minorUnits = 0] = splitByWeights(gross.minorUnits, [terms.basisPoints, 10_000 - terms.basisPoints])
    return minorUnits > 0 ? [{ terms, gross, amount: { ...gross, minorUnits } }] : []
  })
}
