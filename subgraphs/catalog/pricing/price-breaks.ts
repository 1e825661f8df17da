import { type Money, decimalPlaces, parseMoney } from '../../../kit/money.ts'
import type { PriceBreak } from './price-list.ts'
import { largestQuantity } from './quote-price.ts'

/** Times the largest quantity, this is still an exact integer of minor units. */
const largestUnitPrice = 9_000_000_000

/** A unit price from its decimal text, exactly; null when it is no amount of the currency or too large. */
export function parseUnitPrice(text: string, currencyCode: string): Money | null {
  const price = parseMoney({ amount: text, currencyCode })
  return price !== null && price.minorUnits <= largestUnitPrice ? price : null
}

/** What is wrong with breaks, or the breaks as they are kept: the smallest quantity first. */
export function readBreaks(
  breaks: readonly { readonly minimumQuantity: number; readonly unitPrice: string }[],
  currencyCode: string,
): readonly PriceBreak[] | { readonly code: string; readonly message: string } {
  if (breaks.length < 1 || breaks.length > 20) {
    return { code: 'INVALID_INPUT', message: 'Give 1 to 20 breaks for a SKU.' }
  }
  if (new Set(breaks.map(({ minimumQuantity }) => minimumQuantity)).size !== breaks.length) {
    return { code: 'INVALID_INPUT', message: 'Two breaks begin at the same quantity.' }
  }
  const read: PriceBreak[] = []
  for (const { minimumQuantity, unitPrice: text } of breaks) {
    if (!Number.isInteger(minimumQuantity) || minimumQuantity < 1 || minimumQuantity > largestQuantity) {
      return { code: 'INVALID_INPUT', message: `A break begins at 1 to ${largestQuantity}, not at ${minimumQuantity}.` }
    }
    const unitPrice = parseUnitPrice(text, currencyCode)
    if (unitPrice === null) {
      const most = `${decimalPlaces(currencyCode)} decimals`
      return { code: 'INVALID_AMOUNT', message: `Give the price in ${currencyCode} as a text with at most ${most}.` }
    }
    read.push({ minimumQuantity, unitPrice })
  }
  return read.toSorted((a, b) => a.minimumQuantity - b.minimumQuantity)
}
