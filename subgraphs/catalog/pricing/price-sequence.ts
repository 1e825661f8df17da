import { type PriceBreak, type SkuPrice, endOfTime } from './price-list.ts'

/** A price to begin at a moment; empty breaks withdraw the SKU from the list. */
export interface PriceToSet {
  readonly priceListId: string
  readonly skuId: string
  readonly beginsAt: Date
  readonly breaks: readonly PriceBreak[]
}

/** What has to be written so that a price begins in its sequence, all prices of one SKU on one list. */
export interface SequenceChange {
  readonly put: readonly SkuPrice[]
  readonly drop: readonly SkuPrice[]
}

/** The id of a price is made of what identifies it, so that the same price set twice is one document. */
export function priceId({ priceListId, skuId, beginsAt }: Omit<PriceToSet, 'breaks'>): string {
  return `${priceListId}:${skuId}:${beginsAt.toISOString()}`
}

/**
 * Begins a price: it applies until the next one of the sequence, and the one before it ends where it begins. One that
 * begins at the very same moment is replaced. Changes nothing where the price is what it would have been anyway.
 */
export function beginPrice(sequence: readonly SkuPrice[], price: PriceToSet): SequenceChange {
  const at = price.beginsAt.getTime()
  const before = sequence
    .filter(({ beginsAt }) => beginsAt.getTime() < at)
    .toSorted(byBegin)
    .at(-1)
  const same = sequence.find(({ beginsAt }) => beginsAt.getTime() === at)
  const next = sequence.filter(({ beginsAt }) => beginsAt.getTime() > at).toSorted(byBegin)[0]
  if (sameBreaks((same ?? before)?.breaks ?? [], price.breaks)) return { put: [], drop: [] }
  const begun: SkuPrice = { ...price, _id: same?._id ?? priceId(price), endsAt: next?.beginsAt ?? endOfTime }
  return { put: [...(before && !same ? [{ ...before, endsAt: price.beginsAt }] : []), begun], drop: [] }
}

/** Takes a price out of its sequence; the one before it goes on until the next. Null where none begins then. */
export function cancelPrice(sequence: readonly SkuPrice[], beginsAt: Date): SequenceChange | null {
  const at = beginsAt.getTime()
  const cancelled = sequence.find((price) => price.beginsAt.getTime() === at)
  if (!cancelled) return null
  const before = sequence
    .filter((price) => price.beginsAt.getTime() < at)
    .toSorted(byBegin)
    .at(-1)
  return { put: before ? [{ ...before, endsAt: cancelled.endsAt }] : [], drop: [cancelled] }
}

function byBegin(a: SkuPrice, b: SkuPrice): number {
  return a.beginsAt.getTime() - b.beginsAt.getTime()
}

function sameBreaks(a: readonly PriceBreak[], b: readonly PriceBreak[]): boolean {
  return a.length === b.length && plain(a) === plain(b)
}

/** In the order of quantities, which is how they are kept. */
function plain(breaks: readonly PriceBreak[]): string {
  return JSON.stringify(
    breaks.map(({ minimumQuantity, unitPrice }) => [minimumQuantity, unitPrice.minorUnits, unitPrice.currencyCode]),
  )
}
