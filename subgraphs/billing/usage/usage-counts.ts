import { latencyBuckets } from '../../../kit/latency-histogram.ts'

/** What is counted of operations. */
export interface UsageCounts {
  /** Operations that came in, refused ones too. */
  readonly operations: number
  /** Those of them that were admitted. */
  readonly calls: number
  readonly cost: number
  readonly failures: number
  /** Events that streams delivered. */
  readonly events: number
  /** How many operations fell into each bucket of `kit/latency-histogram.ts`, by `b` and its number. */
  readonly latency: Readonly<Record<string, number>>
}

export type UsageSums = Omit<UsageCounts, 'latency'>

export const sumFields = ['operations', 'calls', 'cost', 'failures', 'events'] as const

export const noUsage: UsageSums = { operations: 0, calls: 0, cost: 0, failures: 0, events: 0 }

export function addSums(a: UsageSums, b: UsageSums): UsageSums {
  return {
    operations: a.operations + b.operations,
    calls: a.calls + b.calls,
    cost: a.cost + b.cost,
    failures: a.failures + b.failures,
    events: a.events + b.events,
  }
}

/** The form in which buckets are stored, from alternately a bucket and its count; buckets that do not exist are refused. */
export function latencyOf(pairs: readonly number[]): Record<string, number> | null {
  const counts: Record<string, number> = {}
  if (pairs.length % 2 !== 0) return null
  for (let index = 0; index < pairs.length; index += 2) {
    const [bucket, count] = [pairs[index] ?? -1, pairs[index + 1] ?? -1]
    if (bucket < 0 || bucket >= latencyBuckets || count < 0) return null
    counts[`b${bucket}`] = (counts[`b${bucket}`] ?? 0) + count
  }
  return counts
}

/** An update that adds to a row, which may not be there yet. */
export function increments({ latency, ...sums }: UsageCounts): Record<string, number> {
  return {
    ...Object.fromEntries(sumFields.map((field) => [field, sums[field]])),
    ...Object.fromEntries(Object.entries(latency).map(([bucket, count]) => [`latency.${bucket}`, count])),
  }
}

/** One entry per row, so that each document is changed once by a batch. */
export function mergeRows<Row extends UsageCounts & { readonly _id: string }>(rows: readonly Row[]): Row[] {
  const merged = new Map<string, Row>()
  for (const row of rows) {
    const before = merged.get(row._id)
    merged.set(row._id, before ? { ...row, ...addSums(before, row), latency: added(before.latency, row.latency) } : row)
  }
  return [...merged.values()]
}

function added(a: UsageCounts['latency'], b: UsageCounts['latency']): UsageCounts['latency'] {
  const sum: Record<string, number> = { ...a }
  for (const [bucket, count] of Object.entries(b)) sum[bucket] = (sum[bucket] ?? 0) + count
  return sum
}
