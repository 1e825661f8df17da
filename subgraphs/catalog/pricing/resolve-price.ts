import { type Money, formatAmount } from '../../../kit/money.ts'
import { type PriceBreak, type PriceList, type PriceListReach, type SkuPrice, isInForce } from './price-list.ts'

type PriceListVerdict = 'DECIDED' | 'OUTRANKED' | 'NOT_BEGUN' | 'ENDED' | 'SKU_NOT_PRICED' | 'BELOW_SMALLEST_BREAK'

/** A price list in the search for a price. */
export interface ConsideredPriceList {
  readonly priceList: PriceList
  readonly reach: PriceListReach
  readonly verdict: PriceListVerdict
  readonly reason: string
  /** What it asks for the quantity, whether it decided or not. */
  readonly unitPrice: Money | null
}

export interface ResolvedPrice {
  readonly unitPrice: Money
  readonly total: Money
  readonly quantity: number
  readonly listPrice: Money | null
  readonly priceList: PriceList
  readonly reach: PriceListReach
  readonly breakFrom: number
  readonly considered: readonly ConsideredPriceList[]
}

/** What is asked: one SKU, one organization, one quantity, one moment. */
export interface AskedPrice {
  /** The lists that apply to the organization, in precedence. */
  readonly lists: readonly PriceList[]
  /** The SKU's prices on those lists at that moment, at most one for each. */
  readonly prices: readonly SkuPrice[]
  readonly quantity: number
  readonly at: Date
}

/**
 * Asks the lists in precedence. The first that is in force and has a price for the quantity decides, even when a later
 * one is cheaper: a contract price is the contract price. The price is null when none has one.
 */
export function resolvePrice(asked: AskedPrice): {
  readonly price: ResolvedPrice | null
  readonly considered: readonly ConsideredPriceList[]
} {
  const { lists, prices, quantity, at } = asked
  const breaksByList = new Map(prices.map(({ priceListId, breaks }) => [priceListId, breaks]))
  const answers = lists.map((list) => askList(list, breaksByList.get(list._id) ?? [], { quantity, at }))
  const first = answers.find(({ found }) => found !== null)
  const considered = answers.map(({ list, found, verdict, reason }): ConsideredPriceList => {
    const common = { priceList: list, reach: list.reach, unitPrice: found?.unitPrice ?? null }
    if (first?.found && found && first.list !== list) {
      return { ...common, verdict: 'OUTRANKED', reason: `It has a price too, but ${first.list.name} comes before it.` }
    }
    return { ...common, verdict, reason }
  })
  if (!first?.found) return { price: null, considered }

  const { minimumQuantity, unitPrice } = first.found
  const { currencyCode } = unitPrice
  const listPrice = lists
    .filter((list) => list.reach === 'DEFAULT' && list.currencyCode === currencyCode && isInForce(list, at))
    .map((list) => breakFor(breaksByList.get(list._id) ?? [], 1)?.unitPrice)
    .find((found) => found !== undefined)
  const price: ResolvedPrice = {
    unitPrice,
    total: { currencyCode, minorUnits: unitPrice.minorUnits * quantity },
    quantity,
    listPrice: listPrice ?? null,
    priceList: first.list,
    reach: first.list.reach,
    breakFrom: minimumQuantity,
    considered,
  }
  return { price, considered }
}

interface ListAnswer {
  readonly list: PriceList
  readonly found: PriceBreak | null
  readonly verdict: PriceListVerdict
  readonly reason: string
}

const whyReached: Readonly<Record<PriceListReach, string>> = {
  ORGANIZATION: 'It is made for the organization',
  TIER: "It is made for the organization's tier",
  TERRITORY: "It is made for one of the organization's territories",
  DEFAULT: 'It is a default list',
}

/** What a list says by itself, whatever the others say. */
function askList(
  list: PriceList,
  breaks: readonly PriceBreak[],
  { quantity, at }: Pick<AskedPrice, 'quantity' | 'at'>,
): ListAnswer {
  const none = (verdict: PriceListVerdict, reason: string): ListAnswer => ({ list, found: null, verdict, reason })
  if (list.validFrom > at) return none('NOT_BEGUN', `It begins at ${list.validFrom.toISOString()}.`)
  if (!isInForce(list, at)) return none('ENDED', `It ended at ${list.validTo?.toISOString() ?? ''}.`)
  if (breaks.length === 0) return none('SKU_NOT_PRICED', 'It has no price for the SKU at that moment.')
  const found = breakFor(breaks, quantity)
  if (!found) {
    const smallest = Math.min(...breaks.map(({ minimumQuantity }) => minimumQuantity))
    return none('BELOW_SMALLEST_BREAK', `Its prices begin at ${smallest}.`)
  }
  const { unitPrice, minimumQuantity } = found
  const asks = `${formatAmount(unitPrice)} ${unitPrice.currencyCode} from ${minimumQuantity} on`
  return {
    list,
    found,
    verdict: 'DECIDED',
    reason: `${whyReached[list.reach]}, is the first in order with a price, and asks ${asks}.`,
  }
}

/** The break with the largest minimum that the quantity reaches. */
function breakFor(breaks: readonly PriceBreak[], quantity: number): PriceBreak | undefined {
  let best: PriceBreak | undefined
  for (const entry of breaks) {
    if (entry.minimumQuantity <= quantity && entry.minimumQuantity > (best?.minimumQuantity ?? 0)) best = entry
  }
  return best
}
