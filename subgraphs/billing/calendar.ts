/** A calendar month in UTC, which is what is billed: `2026-11`. */
export type Period = string

/** The month that a moment lies in. */
export function periodOf(moment: Date): Period {
  return moment.toISOString().slice(0, 7)
}

/** The first moment of a month. */
export function periodStart(period: Period): Date {
  return new Date(`${period}-01T00:00:00.000Z`)
}

/** The first moment that a month does not contain, which is where the next one begins. */
export function periodEnd(period: Period): Date {
  const start = periodStart(period)
  return new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1))
}

/** The end of the month that a moment lies in. */
export function monthEndAfter(moment: Date): Date {
  return periodEnd(periodOf(moment))
}

/** True for the first moment of a month. */
export function isMonthBoundary(moment: Date): boolean {
  return periodStart(periodOf(moment)).getTime() === moment.getTime()
}

/** True for a text such as `2026-11`. */
export function isPeriod(text: string): boolean {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text)
}
