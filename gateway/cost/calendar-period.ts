/** A day or a month (UTC) that a quota is counted in. */
export interface CalendarPeriod {
  /** `2026-11-21` or `2026-11`. */
  readonly name: string
  /** Milliseconds that are left of it. */
  readonly leftMs: number
  /** Seconds that it has in all. */
  readonly seconds: number
}

interface Bounds {
  readonly name: string
  readonly from: number
  readonly to: number
}

// Nearly all requests are of the day and the month of the one before.
let lastDay: Bounds = { name: '', from: 0, to: 0 }
let lastMonth: Bounds = lastDay

export function dayOf(now: Date): CalendarPeriod {
  if (!isWithin(lastDay, now)) {
    const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
    lastDay = {
      name: now.toISOString().slice(0, 10),
      from: Date.UTC(year, month, day),
      to: Date.UTC(year, month, day + 1),
    }
  }
  return period(lastDay, now)
}

export function monthOf(now: Date): CalendarPeriod {
  if (!isWithin(lastMonth, now)) {
    const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()]
    lastMonth = { name: now.toISOString().slice(0, 7), from: Date.UTC(year, month), to: Date.UTC(year, month + 1) }
  }
  return period(lastMonth, now)
}

function isWithin({ from, to }: Bounds, now: Date): boolean {
  const time = now.getTime()
  return time >= from && time < to
}

function period({ name, from, to }: Bounds, now: Date): CalendarPeriod {
  return { name, leftMs: to - now.getTime(), seconds: (to - from) / 1_000 }
}
