import { CodedError } from '../../../kit/errors.ts'
import { monthEndAfter } from '../calendar.ts'
import { type UsagePiece, startOf } from './usage.ts'

const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs
const longestSpanDays = 366

export interface Span {
  readonly from: Date
  readonly to: Date
}

/** The whole hours that a usage question is about: by default this month (UTC) up to and with the current hour. */
export function usageSpan(asked: { from?: Date | null; to?: Date | null }, now: Date): Span {
  const from = startOf('HOUR', asked.from ?? startOf('MONTH', now))
  const to = new Date(Math.ceil((asked.to ?? new Date(now.getTime() + 1)).getTime() / hourMs) * hourMs)
  if (from >= to) {
    throw new CodedError('BAD_USER_INPUT', '`from` must be before `to`.', { argument: 'from' })
  }
  if (to.getTime() - from.getTime() > longestSpanDays * dayMs) {
    throw new CodedError('BAD_USER_INPUT', `A span can have at most ${longestSpanDays} days.`, { argument: 'from' })
  }
  return { from, to }
}

/**
 * A span as the fewest rows: whole months and days as such, hours at its ends. A span that ends now counts its last
 * month as a whole, because nothing of the future is there to be counted; so a portal's usual question, this month,
 * is a single row of each app.
 */
export function piecesOf({ from, to }: Span, now: Date): UsagePiece[] {
  const end = to > now && to.getTime() - now.getTime() <= hourMs ? monthEndAfter(now) : to
  const days = { from: ceilTo('DAY', from), to: startOf('DAY', end) }
  if (days.from >= days.to) return pieces(['HOUR', from, end])
  const months = { from: ceilTo('MONTH', from), to: startOf('MONTH', end) }
  const ends = [['HOUR', from, days.from] as const, ['HOUR', days.to, end] as const]
  if (months.from >= months.to) return pieces(...ends, ['DAY', days.from, days.to])
  return pieces(
    ...ends,
    ['DAY', days.from, months.from],
    ['MONTH', months.from, months.to],
    ['DAY', months.to, days.to],
  )
}

function pieces(...parts: readonly (readonly [UsagePiece['granularity'], Date, Date])[]): UsagePiece[] {
  return parts.flatMap(([granularity, from, to]) => (from < to ? [{ granularity, from, to }] : []))
}

function ceilTo(granularity: 'DAY' | 'MONTH', moment: Date): Date {
  const start = startOf(granularity, moment)
  if (start.getTime() === moment.getTime()) return start
  return granularity === 'DAY' ? new Date(start.getTime() + dayMs) : monthEndAfter(moment)
}
