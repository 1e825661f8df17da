import type { Identity } from '../request.ts'
import { type CalendarPeriod, dayOf, monthOf } from './calendar-period.ts'
import { limitKeys } from './limit-keys.ts'
import type { LimitDemand } from './limiter.ts'

/** What a limit counts. */
export type LimitUnit = 'POINTS' | 'CALLS' | 'REQUESTS' | 'STREAMS'

/** A limit of the caller's plan, as clients are told of it. */
export interface PlanLimit {
  /** For example `points`, `monthly-calls` or `Query.products`. */
  readonly name: string
  readonly unit: LimitUnit
  readonly most: number
  /** How long the whole of it takes to come back; null for what is held and freed. */
  readonly windowSeconds: number | null
  /** The calendar period of a quota, and whose it is. */
  readonly quota: {
    readonly kind: 'DAY' | 'MONTH' | 'ORGANIZATION_MONTH'
    readonly period: string
    readonly hard: boolean
  } | null
  readonly demand: LimitDemand
}

/** What an operation is about to use. */
export interface Wanted {
  readonly points: number
  readonly calls: 0 | 1
  /** How often it asks for a field that the plan limits. */
  readonly timesAsked: (coordinate: string) => number
  /** The place that it holds while it runs; null for none. */
  readonly slot: { readonly kind: 'request' | 'stream'; readonly id: string } | null
}

/** For looking at limits without using any. */
export const nothingWanted: Wanted = { points: 0, calls: 0, timesAsked: () => 0, slot: null }

/**
 * The limits of a caller's plan that an operation must pass, the app's bucket of points first. Without fields that the
 * plan limits and without a slot, theirs are left out; `everything` keeps them, for telling of all.
 */
export function planLimits(
  identity: Identity,
  wanted: Wanted,
  { now, everything = false }: { readonly now: Date; readonly everything?: boolean },
): PlanLimit[] {
  const { caller, limits } = identity
  const { points } = wanted
  const keys = limitKeys(identity)
  const found: PlanLimit[] = [
    bucket('points', keys.points, { size: limits.bucketSize, rate: limits.restoreRate, points }),
  ]
  if (caller.endUserId !== undefined && limits.endUserBucketSize !== null && limits.endUserRestoreRate !== null) {
    const fill = { size: limits.endUserBucketSize, rate: limits.endUserRestoreRate, points }
    found.push(bucket('end-user-points', keys.endUserPoints, fill))
  }
  const { organization } = limits
  if (organization && organization.bucketSize !== null && organization.restoreRate !== null) {
    const fill = { size: organization.bucketSize, rate: organization.restoreRate, points }
    found.push(bucket('organization-points', keys.organizationPoints, fill))
  }
  addQuotas(found, identity, { wanted, now })
  for (const [index, { coordinate, calls: most, windowSeconds }] of limits.fieldLimits.entries()) {
    const calls = wanted.timesAsked(coordinate)
    if (calls === 0 && !everything) continue
    const demand = {
      kind: 'counter',
      key: keys.fields[index] as string,
      most,
      calls,
      lastsMs: windowSeconds * 1_000,
      atLeast: 0,
      hard: true,
    } as const
    found.push({ name: coordinate, unit: 'CALLS', most, windowSeconds, quota: null, demand })
  }
  const slots = [
    { name: 'concurrent-requests', kind: 'request', unit: 'REQUESTS', most: limits.concurrentRequests },
    { name: 'open-streams', kind: 'stream', unit: 'STREAMS', most: limits.openStreams },
  ] as const
  for (const { name, kind, unit, most } of slots) {
    if (most === null || (wanted.slot?.kind !== kind && !everything)) continue
    const demand = { kind: 'slot', key: keys[kind], most, id: wanted.slot?.id ?? '' } as const
    found.push({ name, unit, most, windowSeconds: null, quota: null, demand })
  }
  return found
}

function bucket(name: string, key: string, fill: { size: number; rate: number; points: number }): PlanLimit {
  const windowSeconds = Math.ceil(fill.size / fill.rate)
  return { name, unit: 'POINTS', most: fill.size, windowSeconds, quota: null, demand: { kind: 'bucket', key, ...fill } }
}

function addQuotas(
  found: PlanLimit[],
  identity: Identity,
  { wanted, now }: { readonly wanted: Wanted; readonly now: Date },
): void {
  const { caller, limits } = identity
  const { dailyCalls, monthlyCalls, organization, counted } = limits
  const organizationCalls = organization?.monthlyCalls ?? null
  // Most apps of the platform itself have no quota: they need no calendar.
  if (dailyCalls === null && monthlyCalls === null && organizationCalls === null) return
  const keys = limitKeys(identity)
  const [day, month] = [dayOf(now), monthOf(now)]
  const sameDay = counted?.day === day.name
  const sameMonth = counted?.month === month.name
  const hard = limits.quotaMode === 'HARD'
  const quota = (
    name: string,
    kind: NonNullable<PlanLimit['quota']>['kind'],
    of: { most: number; owner: string; period: CalendarPeriod; atLeast: number; hard: boolean },
  ): PlanLimit => ({
    name,
    unit: 'CALLS',
    most: of.most,
    windowSeconds: of.period.seconds,
    quota: { kind, period: of.period.name, hard: of.hard },
    demand: {
      kind: 'counter',
      key: keys.calls(of.owner, of.period.name),
      most: of.most,
      calls: wanted.calls,
      lastsMs: of.period.leftMs,
      atLeast: of.atLeast,
      hard: of.hard,
    },
  })
  if (dailyCalls !== null) {
    const atLeast = sameDay ? (counted?.callsOfDay ?? 0) : 0
    found.push(quota('daily-calls', 'DAY', { most: dailyCalls, owner: caller.appId, period: day, atLeast, hard }))
  }
  if (monthlyCalls !== null) {
    const atLeast = sameMonth ? (counted?.callsOfMonth ?? 0) : 0
    found.push(
      quota('monthly-calls', 'MONTH', { most: monthlyCalls, owner: caller.appId, period: month, atLeast, hard }),
    )
  }
  if (organization && organizationCalls !== null) {
    const atLeast = sameMonth ? (counted?.organizationCallsOfMonth ?? 0) : 0
    const owner = organization.organizationId
    const of = { most: organizationCalls, owner, period: month, atLeast, hard: true }
    found.push(quota('organization-monthly-calls', 'ORGANIZATION_MONTH', of))
  }
}
