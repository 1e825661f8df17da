import { latencyBucket, latencyBuckets } from '../../kit/latency-histogram.ts'

/** What is counted of operations, in sums that can be added to others. */
export interface UsageCounts {
  /** Operations that came in, refused ones too. */
  readonly operations: number
  /** Those of them that were admitted. */
  readonly calls: number
  /** The points that were charged. */
  readonly cost: number
  /** Operations that answered errors. */
  readonly errors: number
  /** Events that streams delivered. */
  readonly events: number
  /** Alternately a bucket of `kit/latency-histogram.ts` and how many fell into it. */
  readonly latency: readonly number[]
}

export interface UsageAddition {
  readonly operations?: number
  readonly calls: number
  readonly cost: number
  readonly failed: boolean
  readonly events?: number
  readonly latencyMs?: number | undefined
}

/** Sums that grow in place: one is made per key and flush, not per request. */
export class UsageCounter {
  #operations = 0
  #calls = 0
  #cost = 0
  #errors = 0
  #events = 0
  readonly #latency = new Uint32Array(latencyBuckets)

  add({ operations = 1, calls, cost, failed, events = 0, latencyMs }: UsageAddition): void {
    this.#operations += operations
    this.#calls += calls
    this.#cost += cost
    this.#errors += failed ? 1 : 0
    this.#events += events
    if (latencyMs !== undefined) {
      const bucket = latencyBucket(latencyMs)
      this.#latency[bucket] = (this.#latency[bucket] ?? 0) + 1
    }
  }

  merge(other: UsageCounter): void {
    this.#operations += other.#operations
    this.#calls += other.#calls
    this.#cost += other.#cost
    this.#errors += other.#errors
    this.#events += other.#events
    for (const [bucket, count] of other.#latency.entries()) {
      if (count > 0) this.#latency[bucket] = (this.#latency[bucket] ?? 0) + count
    }
  }

  counts(): UsageCounts {
    const latency: number[] = []
    for (const [bucket, count] of this.#latency.entries()) if (count > 0) latency.push(bucket, count)
    return {
      operations: this.#operations,
      calls: this.#calls,
      cost: this.#cost,
      errors: this.#errors,
      events: this.#events,
      latency,
    }
  }
}
