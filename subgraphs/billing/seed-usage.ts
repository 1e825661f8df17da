import { demoApps } from '../demo-world/apps.ts'
import { wholeBetween } from '../demo-world/deterministic.ts'
import { demoOrganization } from '../demo-world/organizations.ts'
import type { MeterTotal } from './usage/meter-model.ts'
import { type UsageRow, granularities, startOf, usageRowId } from './usage/usage.ts'

interface Habit {
  /** Hours of the day (UTC) in which the app calls. */
  readonly hours: readonly [first: number, last: number]
  /** It calls every so many hours. */
  readonly everyHours: number
  readonly everyDays: number
  readonly weekends: boolean
  readonly callsPerHour: readonly [min: number, max: number]
  readonly costPerCall: readonly [min: number, max: number]
  /** The dated version that it was built for; the whole graph where there is none. */
  readonly contract?: string
}

/** How some of the demo's apps call. The trial stays far below its quota, so that it can still be tried. */
const habits: Readonly<Record<string, Habit>> = {
  'northwind-portal': {
    hours: [6, 18],
    everyHours: 1,
    everyDays: 1,
    weekends: false,
    callsPerHour: [20, 240],
    costPerCall: [12, 60],
  },
  'northwind-stock-feed': {
    hours: [0, 23],
    everyHours: 2,
    everyDays: 1,
    weekends: true,
    callsPerHour: [58, 62],
    costPerCall: [20, 28],
  },
  'contoso-trial': {
    hours: [9, 16],
    everyHours: 5,
    everyDays: 4,
    weekends: true,
    callsPerHour: [1, 2],
    costPerCall: [2, 30],
  },
  'operator-console': {
    hours: [7, 17],
    everyHours: 1,
    everyDays: 1,
    weekends: false,
    callsPerHour: [5, 60],
    costPerCall: [30, 200],
  },
  'pennine-shop': {
    hours: [5, 22],
    everyHours: 3,
    everyDays: 1,
    weekends: true,
    callsPerHour: [80, 500],
    costPerCall: [4, 12],
    contract: '2026-10',
  },
}

const hourMs = 60 * 60 * 1000

/** The usage of the current month, up to the last full hour. */
export function demoUsage(now: Date): UsageRow[] {
  const hours: UsageRow[] = []
  const end = startOf('HOUR', now).getTime()
  for (let time = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1); time < end; time += hourMs) {
    const hour = new Date(time)
    for (const { id, slug, organization } of demoApps) {
      const habit = habits[slug]
      if (habit === undefined || !calls(habit, hour)) continue
      const _id = usageRowId(id, 'HOUR', hour)
      const callCount = wholeBetween(`calls:${_id}`, ...habit.callsPerHour)
      hours.push({
        _id,
        appId: id,
        organizationId: demoOrganization(organization).id,
        start: hour,
        callCount,
        costPoints: callCount * wholeBetween(`cost:${_id}`, ...habit.costPerCall),
        errorCount: Math.floor(callCount * (wholeBetween(`errors:${_id}`, 0, 9) / 1_000)),
      })
    }
  }
  return hours
}

/** The version on whose path an app of the demo calls. */
export function demoContractOf(appId: string): string | null {
  const slug = demoApps.find(({ id }) => id === appId)?.slug
  return (slug !== undefined && habits[slug]?.contract) || null
}

function calls({ hours: [first, last], everyHours, everyDays, weekends }: Habit, hour: Date): boolean {
  const ofDay = hour.getUTCHours()
  const weekday = hour.getUTCDay()
  if (!weekends && (weekday === 0 || weekday === 6)) return false
  if ((hour.getUTCDate() - 1) % everyDays !== 0) return false
  return ofDay >= first && ofDay <= last && (ofDay - first) % everyHours === 0
}

/** Pages that the translation service has counted this month, for the apps whose plans price them. */
export function demoMeters(now: Date): MeterTotal[] {
  const start = startOf('DAY', now)
  return demoApps.flatMap(({ id, slug, organization, plan }) => {
    if (plan !== 'growth') return []
    const quantity = wholeBetween(`pages:${slug}`, 120, 2_400)
    return granularities.map((granularity) => ({
      _id: `${usageRowId(id, granularity, start)}:translated-pages`,
      appId: id,
      organizationId: demoOrganization(organization).id,
      meter: 'translated-pages',
      granularity,
      start: startOf(granularity, start),
      quantity,
    }))
  })
}
