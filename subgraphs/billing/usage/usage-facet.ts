import type { UsageCounts } from './usage-counts.ts'
import { type Granularity, granularities, startOf, usageRowId } from './usage.ts'

export const usageOutcomes = ['OK', 'PARTIAL', 'DENIED', 'THROTTLED', 'QUOTA', 'FAILED', 'DOCUMENT', 'STREAM'] as const
export type UsageOutcome = (typeof usageOutcomes)[number]

/** Whose usage a row holds. */
interface Owned {
  readonly appId: string
  /** Null for an app without a subscription, whose usage only the operator sees. */
  readonly organizationId: string | null
  readonly environment: string
}

interface Timed extends UsageCounts {
  /** What it is of and its time, so that there is one document of each. */
  readonly _id: string
  readonly start: Date
}

/** The contract or dated version on whose path operations came; null for the whole graph. */
interface OfAPath {
  readonly contract: string | null
}

/** What operations of one outcome came to in an hour, a day or a month, on one path. */
interface ByOutcome extends Timed, OfAPath {
  readonly granularity: Granularity
  readonly outcome: UsageOutcome
  readonly code: string | null
}

/** Of one app. */
export interface OutcomeRow extends ByOutcome, Owned {}

/** Of all apps together, so that the operator's busiest hours are not summed up app by app. */
export type OutcomeOfAll = ByOutcome

/** What of an app's day was one end user's. */
export interface PartRow extends Timed, Owned {
  readonly key: string
}

/** What of an app's day used one coordinate, on one path. */
export interface CoordinateRow extends PartRow, OfAPath {}

export type CountedRecord = Owned &
  OfAPath &
  UsageCounts & { readonly hour: Date; readonly outcome: UsageOutcome; readonly code: string | null }

export type CountedPart = Owned & UsageCounts & { readonly hour: Date; readonly key: string }

export type CountedCoordinate = CountedPart & OfAPath

/** The rows that a record is added to. */
export function outcomeRows({ hour, ...record }: CountedRecord): OutcomeRow[] {
  return granularities.map((granularity) => ({
    ...record,
    _id: `${usageRowId(record.appId, granularity, hour)}${pathOf(record)}:${record.outcome}:${record.code ?? ''}`,
    granularity,
    start: startOf(granularity, hour),
  }))
}

/** The rows of all apps together that a record is added to. */
export function outcomeRowsOfAll(record: CountedRecord): OutcomeOfAll[] {
  const { hour, contract, outcome, code, operations, calls, cost, failures, events, latency } = record
  return granularities.map((granularity) => ({
    _id: `${usageRowId('all', granularity, hour)}${pathOf(record)}:${outcome}:${code ?? ''}`,
    granularity,
    start: startOf(granularity, hour),
    contract,
    outcome,
    code,
    operations,
    calls,
    cost,
    failures,
    events,
    latency,
  }))
}

export function partRow({ hour, ...part }: CountedPart): PartRow {
  return { ...part, _id: `${usageRowId(part.appId, 'DAY', hour)}:${part.key}`, start: startOf('DAY', hour) }
}

export function coordinateRow({ hour, ...part }: CountedCoordinate): CoordinateRow {
  const _id = `${usageRowId(part.appId, 'DAY', hour)}${pathOf(part)}:${part.key}`
  return { ...part, _id, start: startOf('DAY', hour) }
}

/** Before what an id goes on with, which may hold anything. */
function pathOf({ contract }: OfAPath): string {
  return contract === null ? '' : `@${contract}`
}
