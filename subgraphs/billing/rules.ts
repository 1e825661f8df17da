import { CodedError } from '../../kit/errors.ts'
import { type Money, addMoney } from '../../kit/money.ts'

const hourMs = 60 * 60 * 1000
const longestSpanDays = 366

export interface Span {
  readonly from: Date
  readonly to: Date
}

export const startOfHour = (moment: Date): Date => new Date(Math.floor(moment.getTime() / hourMs) * hourMs)

/** The whole hours that a usage question is about: by default this month (UTC) up to and with the current hour. */
export function usageSpan(asked: { from?: Date | null; to?: Date | null }, now: Date): Span {
  const from = startOfHour(asked.from ?? new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)))
  const to = new Date(Math.ceil((asked.to ?? new Date(now.getTime() + 1)).getTime() / hourMs) * hourMs)
  if (from >= to) {
    throw new CodedError('BAD_USER_INPUT', '`from` must be before `to`.', { argument: 'from' })
  }
  if (to.getTime() - from.getTime() > longestSpanDays * 24 * hourMs) {
    throw new CodedError('BAD_USER_INPUT', `A span can have at most ${longestSpanDays} days.`, { argument: 'from' })
  }
  return { from, to }
}

/** A share of an amount in basis points, rounded half up to the minor unit. */
export function shareOf(amount: Money, basisPoints: number): Money {
  // In BigInt, because amount x basis points may exceed the integers that a number holds exactly.
  const tenThousandths = BigInt(amount.minorUnits) * BigInt(basisPoints)
  return { ...amount, minorUnits: Number((tenThousandths + 5_000n) / 10_000n) }
}

/** What the lines of an invoice come to; an invoice has at least one. */
export function totalOf(lines: readonly { readonly amount: Money }[]): Money {
  return lines.map(({ amount }) => amount).reduce(addMoney)
}
