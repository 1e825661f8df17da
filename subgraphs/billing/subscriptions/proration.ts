import type { Money } from '../../../kit/money.ts'
import { monthEndAfter, periodOf, periodStart } from '../calendar.ts'
import { divideHalfUp, exactNumber } from '../money/rounding.ts'

/**
 * What a month's price comes to from one moment of the month to another, `to` being at most the month's end. Both
 * ends are rounded as a share of the whole price from the beginning of the month, and the fee is their difference:
 * however often a month is cut, its parts add up to the price, to the cent.
 */
export function feeBetween(price: Money, from: Date, to: Date): Money {
  const start = periodStart(periodOf(from))
  const end = monthEndAfter(from)
  if (to < from || to > end) throw new RangeError(`${to.toISOString()} is not in the month of ${from.toISOString()}`)
  const share = (moment: Date): bigint =>
    divideHalfUp(
      BigInt(price.minorUnits) * BigInt(moment.getTime() - start.getTime()),
      BigInt(end.getTime() - start.getTime()),
    )
  return { ...price, minorUnits: exactNumber(share(to) - share(from)) }
}

/** What the rest of a month costs. */
export function restOfMonth(price: Money, from: Date): Money {
  return feeBetween(price, from, monthEndAfter(from))
}
