import { latencyBucket, latencyBuckets, latencyQuantile } from '../../kit/latency-histogram.ts'

/** The calls to one subgraph in the last minutes. */
export interface RecentCalls {
  readonly windowSeconds: number
  readonly total: number
  readonly running: number
  /** How many ended with each code. */
  readonly errors: Readonly<Record<string, number>>
  /** Percentiles in milliseconds, at most 9 % off; null when nothing was called. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null
}

export interface CallWindow {
  begin(): void
  /** `failure` is the code of the error, null for an answer. */
  end(tookMs: number, failure: string | null): void
  /** Calls that are under way. */
  running(): number
  read(): RecentCalls
}

interface Slot {
  minute: number
  total: number
  readonly latency: number[]
  readonly errors: Map<string, number>
}

const slots = 5
const slotMs = 60_000

/** Counts calls in five slots of a minute, so that what is told is of the last four to five minutes and costs a few kB. */
export function createCallWindow(nowMs: () => number): CallWindow {
  const ring: Slot[] = Array.from({ length: slots }, () => ({
    minute: Number.NEGATIVE_INFINITY,
    total: 0,
    latency: Array.from({ length: latencyBuckets }, () => 0),
    errors: new Map(),
  }))
  let running = 0

  const current = (): Slot | undefined => {
    const minute = Math.floor(nowMs() / slotMs)
    const slot = ring[minute % slots]
    if (slot && slot.minute !== minute) {
      slot.minute = minute
      slot.total = 0
      slot.latency.fill(0)
      slot.errors.clear()
    }
    return slot
  }

  return {
    begin() {
      running += 1
    },
    end(tookMs, failure) {
      running -= 1
      const slot = current()
      if (slot === undefined) return
      slot.total += 1
      const bucket = latencyBucket(tookMs)
      slot.latency[bucket] = (slot.latency[bucket] ?? 0) + 1
      if (failure !== null) slot.errors.set(failure, (slot.errors.get(failure) ?? 0) + 1)
    },
    running: () => running,
    read() {
      const oldest = Math.floor(nowMs() / slotMs) - slots + 1
      const counted = ring.filter(({ minute }) => minute >= oldest)
      const latency = Array.from({ length: latencyBuckets }, (_, bucket) =>
        sum(counted.map((slot) => slot.latency[bucket] ?? 0)),
      )
      const errors: Record<string, number> = {}
      for (const [code, count] of counted.flatMap((slot) => [...slot.errors]))
        errors[code] = (errors[code] ?? 0) + count
      const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => latencyQuantile(latency, share))
      return {
        windowSeconds: (slots * slotMs) / 1000,
        total: sum(counted.map(({ total }) => total)),
        running,
        errors,
        latencyMs:
          p50 == null || p95 == null || p99 == null
            ? null
            : { p50: rounded(p50), p95: rounded(p95), p99: rounded(p99) },
      }
    },
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100
}
