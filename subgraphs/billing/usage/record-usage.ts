import { CodedError } from '../../../kit/errors.ts'
import { isIdOf } from '../../../kit/ids.ts'
import type { BillingContext } from '../billing-context.ts'
import { type UsageSums, latencyOf, sumFields } from './usage-counts.ts'
import type { CountedCoordinate, CountedPart, CountedRecord, UsageOutcome } from './usage-facet.ts'
import { type UsageRow, startOf, usageRowId } from './usage.ts'

const mostEntries = 1_000
const longestKey = 300
const longestContract = 40

interface OfAnHour {
  readonly appId: string
  readonly hour: Date
  readonly environment?: string | null
}

interface OfAPath {
  /** The contract or dated version on whose path it was asked; null for the whole graph. */
  readonly contract?: string | null
}

/** What one gateway counted of an app and outcome within an hour. */
export interface UsageRecord extends OfAnHour, OfAPath {
  readonly outcome?: UsageOutcome | null
  readonly code?: string | null
  readonly operations?: number | null
  readonly calls: number
  readonly cost: number
  readonly errors: number
  readonly events?: number | null
  readonly latency?: readonly number[] | null
}

/** The part of it that was an end user's. */
export interface UsagePart extends OfAnHour, Omit<UsageSums, 'failures'> {
  readonly errors: number
  readonly key: string
  readonly latency: readonly number[]
}

/** The part of it that used a coordinate. */
export interface CoordinateUsage extends UsagePart, OfAPath {}

export interface UsageBatch {
  readonly batchId: string
  readonly records: readonly UsageRecord[]
  readonly coordinates?: readonly CoordinateUsage[] | null
  readonly endUsers?: readonly UsagePart[] | null
}

/** Adds a gateway's batch to the usage of its apps; false when a batch of this id was added before. */
export async function recordUsage({ models, loaders, now }: BillingContext, batch: UsageBatch): Promise<boolean> {
  const parts = { coordinates: batch.coordinates ?? [], endUsers: batch.endUsers ?? [] }
  const entries = [...batch.records, ...parts.coordinates, ...parts.endUsers]
  requireSize(batch)
  const appIds = [...new Set(entries.map(({ appId }) => appId))]
  requireApps(appIds)
  const records = batch.records.map(countedRecord)
  const coordinates = parts.coordinates.map(countedCoordinate)
  const endUsers = parts.endUsers.map(countedPart)
  const subscriptions = await Promise.all(appIds.map((appId) => loaders.subscriptionsByApp.load(appId)))
  const owners = new Map(appIds.map((appId, index) => [appId, subscriptions[index]?.organizationId ?? null]))
  const owned = <Entry extends { appId: string }>(entry: Entry): Entry & { organizationId: string | null } => ({
    ...entry,
    organizationId: owners.get(entry.appId) ?? null,
  })
  const facets = {
    records: records.map(owned),
    coordinates: coordinates.map(owned),
    endUsers: endUsers.map(owned),
  }
  return models.usage.add(
    { id: batch.batchId, receivedAt: now(), appIds, hours: sumByHour(facets.records) },
    (session) => models.usageFacets.add(facets, session),
  )
}

function countedRecord(record: UsageRecord, index: number): Omit<CountedRecord, 'organizationId'> {
  const { appId, hour, outcome, code, environment, calls, cost, errors } = record
  const sums = { operations: record.operations ?? calls, calls, cost, failures: errors, events: record.events ?? 0 }
  const latency = usableLatency(record.latency ?? [], `records[${index}]`)
  requireCounts(sums, `records[${index}]`)
  return {
    appId,
    hour,
    contract: contractOf(record),
    outcome: outcome ?? 'OK',
    code: code ?? null,
    environment: environment ?? 'live',
    ...sums,
    latency,
  }
}

function countedPart(part: UsagePart): Omit<CountedPart, 'organizationId'> {
  const { appId, hour, environment, operations, calls, cost, errors, events } = part
  const sums = { operations, calls, cost, failures: errors, events }
  requireCounts(sums, part.key)
  const latency = usableLatency(part.latency, part.key)
  return { appId, hour, environment: environment ?? 'live', key: part.key.slice(0, longestKey), ...sums, latency }
}

function countedCoordinate(part: CoordinateUsage): Omit<CountedCoordinate, 'organizationId'> {
  return { ...countedPart(part), contract: contractOf(part) }
}

function contractOf({ contract }: OfAPath): string | null {
  return contract?.slice(0, longestContract) ?? null
}

/** One entry per app and hour: what is billed knows no outcomes. */
function sumByHour(records: readonly CountedRecord[]): UsageRow[] {
  const sums = new Map<string, UsageRow>()
  for (const { appId, organizationId, hour: moment, calls, cost, failures } of records) {
    const start = startOf('HOUR', moment)
    const _id = usageRowId(appId, 'HOUR', moment)
    const sum = sums.get(_id)
    sums.set(_id, {
      _id,
      appId,
      organizationId,
      start,
      callCount: (sum?.callCount ?? 0) + calls,
      costPoints: (sum?.costPoints ?? 0) + cost,
      errorCount: (sum?.errorCount ?? 0) + failures,
    })
  }
  return [...sums.values()]
}

function requireSize({ batchId, records, coordinates, endUsers }: UsageBatch): void {
  if (batchId.length < 1 || batchId.length > 100) throw bad('`batchId` must have 1 to 100 characters.', 'batchId')
  const sizes = { records, coordinates: coordinates ?? [], endUsers: endUsers ?? [] }
  for (const [argument, entries] of Object.entries(sizes)) {
    if (entries.length > mostEntries) throw bad(`A batch has at most ${mostEntries} ${argument}.`, argument)
  }
  if (Object.values(sizes).every(({ length }) => length === 0)) {
    throw bad('A batch must have something to count.', 'records')
  }
}

function requireApps(appIds: readonly string[]): void {
  const wrong = appIds.find((appId) => !isIdOf('App', appId))
  if (wrong !== undefined) throw bad(`Each entry needs an app's id; \`${wrong.slice(0, 50)}\` is none.`, 'records')
}

function requireCounts(sums: UsageSums, place: string): void {
  const wrong = sumFields.find((field) => !Number.isSafeInteger(sums[field]) || sums[field] < 0)
  if (wrong !== undefined) throw bad(`${place} needs whole counts of 0 or more; \`${wrong}\` is none.`, 'records')
}

function usableLatency(pairs: readonly number[], place: string): Record<string, number> {
  const latency = latencyOf(pairs)
  if (latency === null) throw bad(`${place} has a latency that is no list of buckets and counts.`, 'records')
  return latency
}

function bad(message: string, argument: string): CodedError {
  return new CodedError('BAD_USER_INPUT', message, { argument })
}
