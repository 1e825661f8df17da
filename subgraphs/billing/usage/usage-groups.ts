import { latencyBuckets, latencyQuantile } from '../../../kit/latency-histogram.ts'
import type { BillingContext } from '../billing-context.ts'
import { type UsageSums, addSums, noUsage } from './usage-counts.ts'
import type { FacetSum } from './usage-facet-model.ts'
import { type UsageDimension, type UsageQuestion, type UsageReading, bad, readingOf } from './usage-question.ts'

/** What was used by those who share the values of the dimensions. */
export interface UsageGroup extends UsageSums {
  /** One value per dimension. */
  readonly values: readonly string[]
  readonly latency: () => Promise<{ p50: number; p95: number; p99: number } | null>
  /** The latest day on which there was any. */
  readonly lastDay: () => Promise<string>
}

/** Rows that one question may be summed up from: some hundred milliseconds of the database. */
const mostRows = 100_000

/** The groups that a question asks for, in no order. How long operations took is summed up only where it is asked. */
export async function usageGroups(
  { models, caller, now }: Pick<BillingContext, 'models' | 'caller' | 'now'>,
  question: UsageQuestion,
): Promise<UsageGroup[]> {
  const { groupBy } = question
  const reading = readingOf(caller, question, now())
  if (reading === null) return []
  const read = async (latency: boolean): Promise<FacetSum[]> => sumsOf(models.usageFacets, reading, latency)
  const keyOf = (row: FacetSum): string => JSON.stringify(groupBy.map((dimension) => valueOf(dimension, row._id)))
  const groups = new Map<string, { values: readonly string[]; sums: UsageSums }>()
  const counted = await read(false)
  for (const row of counted) {
    const values = groupBy.map((dimension) => valueOf(dimension, row._id))
    const key = keyOf(row)
    const { sums } = groups.get(key) ?? { sums: noUsage }
    groups.set(key, { values, sums: addSums(sums, row as unknown as UsageSums) })
  }
  let histograms: Promise<Map<string, number[]>> | undefined
  const histogramOf = async (key: string): Promise<number[]> => {
    histograms ??= read(true).then((rows) => histogramsOf(rows, keyOf))
    return (await histograms).get(key) ?? []
  }
  let lastDays: Promise<Map<string, string>> | undefined
  const readOfDays = async (): Promise<FacetSum[]> => {
    // Coordinates and end users have no coarser rows.
    if (reading.collection === 'coordinates' || reading.collection === 'endUsers') return counted
    return sumsOf(models.usageFacets, readingOf(caller, { ...question, ofDays: true }, now()) ?? reading, false)
  }
  const lastDayOf = async (key: string): Promise<string> => {
    lastDays ??= readOfDays().then((found) => latestOf(found, keyOf))
    return (await lastDays).get(key) ?? ''
  }
  return [...groups].map(([key, { values, sums }]) => ({
    ...sums,
    values,
    latency: async () => percentiles(await histogramOf(key)),
    lastDay: () => lastDayOf(key),
  }))
}

async function sumsOf(
  facets: BillingContext['models']['usageFacets'],
  { collection, matches, fields }: UsageReading,
  latency: boolean,
): Promise<FacetSum[]> {
  const found = await Promise.all(
    matches.map((match) => facets.sum(collection, match, { fields, most: mostRows + 1, latency })),
  )
  const rows = found.flat()
  if (rows.reduce((sum, row) => sum + row.rows, 0) > mostRows) {
    throw bad('That is more than can be summed up at once; ask for a shorter span, one app, or coarser groups.')
  }
  return rows
}

function histogramsOf(rows: readonly FacetSum[], keyOf: (row: FacetSum) => string): Map<string, number[]> {
  const histograms = new Map<string, number[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const sum = histograms.get(key) ?? Array.from({ length: latencyBuckets }, () => 0)
    histograms.set(
      key,
      sum.map((count, bucket) => count + Number(row[`b${bucket}`] ?? 0)),
    )
  }
  return histograms
}

function latestOf(rows: readonly FacetSum[], keyOf: (row: FacetSum) => string): Map<string, string> {
  const latest = new Map<string, string>()
  for (const row of rows) {
    const day = row.last.toISOString().slice(0, 10)
    if (day > (latest.get(keyOf(row)) ?? '')) latest.set(keyOf(row), day)
  }
  return latest
}

function percentiles(counts: readonly number[]): { p50: number; p95: number; p99: number } | null {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => latencyQuantile(counts, share))
  return p50 == null || p95 == null || p99 == null ? null : { p50, p95, p99 }
}

function valueOf(dimension: UsageDimension, fields: Readonly<Record<string, unknown>>): string {
  const start = fields['start'] instanceof Date ? fields['start'] : new Date(0)
  const iso = start.toISOString()
  switch (dimension) {
    case 'HOUR':
      return iso.slice(0, 13)
    case 'DAY':
      return iso.slice(0, 10)
    case 'MONTH':
      return iso.slice(0, 7)
    case 'HOUR_OF_DAY':
      return iso.slice(11, 13)
    case 'DAY_OF_WEEK':
      return String(start.getUTCDay() || 7)
    case 'APP':
      return textOf(fields['appId'])
    case 'ORGANIZATION':
      return textOf(fields['organizationId'])
    case 'ENVIRONMENT':
      return textOf(fields['environment'])
    case 'OUTCOME':
      return textOf(fields['outcome'])
    case 'ERROR_CODE':
      return textOf(fields['code'])
    case 'CONTRACT':
      return textOf(fields['contract'])
    case 'COORDINATE':
    case 'END_USER':
      return textOf(fields['key'])
    default:
      return dimension satisfies never
  }
}

function textOf(field: unknown): string {
  return typeof field === 'string' ? field : 'NONE'
}
