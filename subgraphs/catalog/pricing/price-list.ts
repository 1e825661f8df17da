import type { Money } from '../../../kit/money.ts'

/** Whom a price list is made for, the nearest first: the order in which lists are asked. */
export const priceListReaches = ['ORGANIZATION', 'TIER', 'TERRITORY', 'DEFAULT'] as const

export type PriceListReach = (typeof priceListReaches)[number]

export interface PriceList {
  readonly _id: string
  readonly name: string
  readonly reach: PriceListReach
  readonly currencyCode: string
  readonly validFrom: Date
  /** The first moment at which it no longer applies; null when open-ended. */
  readonly validTo: Date | null
  readonly externalId: string | null
  /** By which it is found. */
  readonly words: readonly string[]
  /** Grows with each change of the list, its assignments and its prices: whoever changes one of them writes it. */
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** A unit price from a quantity on. */
export interface PriceBreak {
  readonly minimumQuantity: number
  readonly unitPrice: Money
}

/** What a SKU costs on one price list from one moment until the next price of the same SKU there begins. */
export interface SkuPrice {
  readonly _id: string
  readonly priceListId: string
  readonly skuId: string
  readonly beginsAt: Date
  /** `endOfTime` until a later one is set. */
  readonly endsAt: Date
  /** Empty when the SKU was withdrawn from the list. */
  readonly breaks: readonly PriceBreak[]
}

/** A moment that no price reaches, so that open ends can be compared and indexed like others. */
export const endOfTime = new Date('9999-12-31T00:00:00.000Z')

/** Whether a list's prices apply at a moment: from `validFrom` on, until just before `validTo`. */
export function isInForce(list: Pick<PriceList, 'validFrom' | 'validTo'>, at: Date): boolean {
  return list.validFrom <= at && (list.validTo === null || at < list.validTo)
}

/**
 * Lists of one organization in the order in which they are asked: by reach; of one reach, those in the organization's
 * preferred currency first; of those, the one that began later; of those, the one whose id sorts first. So no two are
 * ever equal.
 */
export function inPrecedence<List extends PriceList>(lists: readonly List[], preferredCurrency: string | null): List[] {
  const otherCurrency = (list: List): number => (list.currencyCode === preferredCurrency ? 0 : 1)
  return lists.toSorted(
    (a, b) =>
      priceListReaches.indexOf(a.reach) - priceListReaches.indexOf(b.reach) ||
      otherCurrency(a) - otherCurrency(b) ||
      b.validFrom.getTime() - a.validFrom.getTime() ||
      (a._id < b._id ? -1 : a._id > b._id ? 1 : 0),
  )
}
