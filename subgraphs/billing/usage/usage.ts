export const granularities = ['HOUR', 'DAY', 'MONTH'] as const
export type Granularity = (typeof granularities)[number]

/** What an app consumed in one hour, day or month (UTC), as gateways counted it. */
export interface UsageRow {
  /** The app and the time, so that there is one document of each. */
  readonly _id: string
  readonly appId: string
  /** Null for an app without a subscription, whose usage only the operator sees. */
  readonly organizationId: string | null
  readonly start: Date
  readonly callCount: number
  readonly costPoints: number
  readonly errorCount: number
}

/** A day or a month of an app; hours are kept apart, because there are many more of them. */
export interface UsageTotal extends UsageRow {
  readonly granularity: Exclude<Granularity, 'HOUR'>
}

export interface UsageSum {
  readonly appId: string
  readonly calls: number
  readonly cost: number
  readonly errors: number
}

/** A stretch of whole hours, days or months; `to` is not included. */
export interface UsagePiece {
  readonly granularity: Granularity
  readonly from: Date
  readonly to: Date
}

const hourMs = 60 * 60 * 1000

/** The beginning of the hour, day or month that a moment lies in. */
export function startOf(granularity: Granularity, moment: Date): Date {
  const [year, month, day] = [moment.getUTCFullYear(), moment.getUTCMonth(), moment.getUTCDate()]
  switch (granularity) {
    case 'HOUR':
      return new Date(Math.floor(moment.getTime() / hourMs) * hourMs)
    case 'DAY':
      return new Date(Date.UTC(year, month, day))
    case 'MONTH':
      return new Date(Date.UTC(year, month, 1))
    default:
      return granularity satisfies never
  }
}

/** The id of the row that a moment's usage is added to. */
export function usageRowId(appId: string, granularity: Granularity, moment: Date): string {
  const start = startOf(granularity, moment).toISOString()
  return `${appId}:${start.slice(0, { HOUR: 13, DAY: 10, MONTH: 7 }[granularity])}`
}

/** The day and month totals of hourly rows. */
export function totalsOf(hours: readonly UsageRow[]): UsageTotal[] {
  const totals = new Map<string, UsageTotal>()
  for (const hour of hours) {
    for (const granularity of ['DAY', 'MONTH'] as const) {
      const _id = usageRowId(hour.appId, granularity, hour.start)
      const sum = totals.get(_id)
      totals.set(_id, {
        ...hour,
        _id,
        granularity,
        start: startOf(granularity, hour.start),
        callCount: (sum?.callCount ?? 0) + hour.callCount,
        costPoints: (sum?.costPoints ?? 0) + hour.costPoints,
        errorCount: (sum?.errorCount ?? 0) + hour.errorCount,
      })
    }
  }
  return [...totals.values()]
}
