import { divideHalfUp, exactNumber } from '../money/rounding.ts'

/** Who earns of what is charged, and how much of it in basis points. */
export interface RevenueShareTerms {
  readonly organizationId: string
  readonly basisPoints: number
}

export const pricingSchemes = ['PER_UNIT', 'PACKAGE', 'GRADUATED', 'VOLUME'] as const
export type PricingScheme = (typeof pricingSchemes)[number]

/** A step of a price: it holds up to and with so many billed units; null for the last one, which has no end. */
export interface PricingTier {
  readonly upTo: number | null
  readonly priceMinorUnits: number
}

/** How the usage of one meter within a month becomes money, in the currency of its plan. */
export interface PricingRule {
  readonly id: string
  /** `calls`, `cost`, or the name of a meter of usage events. */
  readonly meter: string
  readonly scheme: PricingScheme
  /** Units of a month that the plan's price includes. */
  readonly includedUnits: number
  /** How many units a price is for: 1,000 for a price per thousand, the size of the package for packages. */
  readonly unitsPerPrice: number
  /** The price of PER_UNIT and PACKAGE; 0 for the others. */
  readonly priceMinorUnits: number
  /** The prices of GRADUATED and VOLUME, ascending; empty for the others. */
  readonly tiers: readonly PricingTier[]
  readonly revenueShare: RevenueShareTerms | null
}

/** One priced quantity: `quantity` x `priceMinorUnits` / `unitsPerPrice`, rounded half up once. */
export interface PricedQuantity {
  readonly quantity: number
  readonly unitsPerPrice: number
  readonly priceMinorUnits: number
  readonly minorUnits: number
}

/** What the usage of a month costs by a rule: a line for each price that applies, none for what is included. */
export function priceUsage(rule: PricingRule, usedUnits: number): PricedQuantity[] {
  const billed = Math.max(0, usedUnits - rule.includedUnits)
  if (billed === 0) return []
  const { unitsPerPrice, priceMinorUnits, tiers } = rule
  switch (rule.scheme) {
    case 'PER_UNIT':
      return [priced(billed, priceMinorUnits, unitsPerPrice)]
    case 'PACKAGE':
      return [priced(Math.ceil(billed / unitsPerPrice), priceMinorUnits, 1)]
    case 'VOLUME': {
      const tier = tiers.find(({ upTo }) => upTo === null || billed <= upTo)
      return tier === undefined ? [] : [priced(billed, tier.priceMinorUnits, unitsPerPrice)]
    }
    case 'GRADUATED':
      return tiers.flatMap(({ upTo, priceMinorUnits: price }, index) => {
        const from = tiers[index - 1]?.upTo ?? 0
        const within = Math.min(billed, upTo ?? billed) - from
        return within > 0 ? [priced(within, price, unitsPerPrice)] : []
      })
    default:
      return rule.scheme satisfies never
  }
}

function priced(quantity: number, priceMinorUnits: number, unitsPerPrice: number): PricedQuantity {
  const minorUnits = exactNumber(divideHalfUp(BigInt(quantity) * BigInt(priceMinorUnits), BigInt(unitsPerPrice)))
  return { quantity, unitsPerPrice, priceMinorUnits, minorUnits }
}
