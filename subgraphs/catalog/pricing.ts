import type { Money } from '../../kit/money.ts'

/** Whom a price list is made for. */
type PriceListReach = 'DEFAULT' | 'TIER' | 'ORGANIZATION'

export interface PriceList {
  readonly _id: string
  readonly name: string
  readonly reach: PriceListReach
  readonly currencyCode: string
  readonly validFrom: Date
  /** The first moment at which it no longer applies; null when open-ended. */
  readonly validTo: Date | null
}

/** A unit price from a quantity on. */
export interface PriceBreak {
  readonly minimumQuantity: number
  readonly unitPrice: Money
}

/** What a SKU costs on one price list; a quantity below every break has no price there. */
export interface SkuPrice {
  readonly _id: string
  readonly priceListId: string
  readonly skuId: string
  readonly breaks: readonly PriceBreak[]
}

export interface ResolvedPrice {
  readonly unitPrice: Money
  readonly total: Money
  readonly quantity: number
  readonly listPrice: Money | null
  readonly priceList: PriceList
}

const rank: Readonly<Record<PriceListReach, number>> = { ORGANIZATION: 0, TIER: 1, DEFAULT: 2 }

/**
 * Lists in the order in which they decide: the organization's own, its tier's, the default. Among lists of one reach
 * the one that began later decides, so that a new list takes over from the day it begins.
 */
export function inPrecedence(lists: readonly PriceList[]): PriceList[] {
  return lists.toSorted(
    (a, b) =>
      rank[a.reach] - rank[b.reach] ||
      b.validFrom.getTime() - a.validFrom.getTime() ||
      (a._id < b._id ? -1 : a._id > b._id ? 1 : 0),
  )
}

/** Whether a list's prices apply at a moment. */
export function isInForce(list: PriceList, at: Date): boolean {
  return list.validFrom <= at && (list.validTo === null || at < list.validTo)
}

/**
 * The price of a SKU. The first list in precedence that is in force and has a price for the quantity decides, even
 * when a later one is cheaper: a contract price is the contract price.
 */
export function resolvePrice(asked: {
  /** The lists that apply to the organization, in any order. */
  readonly lists: readonly PriceList[]
  /** The SKU's prices on those lists. */
  readonly prices: readonly SkuPrice[]
  readonly quantity: number
  readonly at: Date
}): ResolvedPrice | null {
  const { prices, quantity, at } = asked
  const lists = inPrecedence(asked.lists).filter((list) => isInForce(list, at))
  const priceOn = (list: PriceList, packs: number): Money | null =>
    breakFor(prices.find(({ priceListId }) => priceListId === list._id)?.breaks ?? [], packs)?.unitPrice ?? null

  for (const priceList of lists) {
    const unitPrice = priceOn(priceList, quantity)
    if (unitPrice === null) continue
    const defaultList = lists.find(({ reach }) => reach === 'DEFAULT')
    return {
      unitPrice,
      total: { ...unitPrice, minorUnits: unitPrice.minorUnits * quantity },
      quantity,
      listPrice: defaultList ? priceOn(defaultList, 1) : null,
      priceList,
    }
  }
  return null
}

/** The break with the largest minimum that the quantity reaches. */
function breakFor(breaks: readonly PriceBreak[], quantity: number): PriceBreak | undefined {
  let best: PriceBreak | undefined
  for (const entry of breaks) {
    if (entry.minimumQuantity <= quantity && entry.minimumQuantity > (best?.minimumQuantity ?? 0)) best = entry
  }
  return best
}
