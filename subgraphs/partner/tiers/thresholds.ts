import type { Money } from '../../../kit/money.ts'

export interface TierThresholds {
  /** Once per currency; empty when revenue does not count. */
  readonly wonRevenue: readonly Money[]
  readonly wonDeals: number | null
  readonly certifiedMembers: number | null
}

/** What counts for an organization's tier. */
export interface TierFacts {
  readonly wonRevenue: readonly Money[]
  readonly wonDeals: number
  readonly certifiedMembers: number
}

/** Whether an organization has reached the thresholds of a tier. */
export function meets(thresholds: TierThresholds, facts: TierFacts): boolean {
  return (
    facts.wonDeals >= (thresholds.wonDeals ?? 0) &&
    facts.certifiedMembers >= (thresholds.certifiedMembers ?? 0) &&
    meetsRevenue(thresholds.wonRevenue, facts.wonRevenue)
  )
}

/**
 * Revenue in several currencies counts by its share of each one's threshold, whose ratios so are the programme's
 * exchange rates: the sum of won / threshold must reach 1. Computed in whole numbers, so that no cent is rounded away.
 */
function meetsRevenue(thresholds: readonly Money[], won: readonly Money[]): boolean {
  if (thresholds.length === 0) return true
  const amounts = new Map(won.map(({ currencyCode, minorUnits }) => [currencyCode, BigInt(minorUnits)]))
  let [numerator, denominator] = [0n, 1n]
  for (const { currencyCode, minorUnits } of thresholds) {
    const threshold = BigInt(minorUnits)
    numerator = numerator * threshold + (amounts.get(currencyCode) ?? 0n) * denominator
    denominator *= threshold
  }
  return numerator >= denominator
}
