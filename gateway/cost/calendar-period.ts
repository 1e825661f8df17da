/** A day or a month (UTC) that a quota is counted in. */
export interface CalendarPeriod {
  /** `2026-11-21` or `2026-11`. */
  readonly name: string
  /** Milliseconds that are left of it. */
  readonly leftMs: number
  /** Seconds that it has in all. */
  readonly seconds: number
}

export function dayOf(now: Date): CalendarPeriod {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
  return period(now.toISOString().slice(0, 10), now, [Date.UTC(year, month, day), Date.UTC(year, month, day + 1)])
}

export function monthOf(now: Date): CalendarPeriod {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()]
  return period(now.toISOString().slice(0, 7), now, [Date.UTC(year, month), Date.UTC(year, month + 1)])
}

function period(name: string, now: Date, [from, to]: readonly [number, number]): CalendarPeriod {
  return { name, leftMs: to - now.getTime(), seconds: (to - from) / 1_000 }
}
