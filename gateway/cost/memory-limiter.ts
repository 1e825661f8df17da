import {
  type BucketDemand,
  type CounterDemand,
  type LimitDemand,
  type LimitState,
  type Limiter,
  type SlotDemand,
  admitted,
  refused,
  slotRetryMs,
} from './limiter.ts'
import { createRecentMap } from './recent-map.ts'

/** Beyond it the bucket or counter that was idle longest is forgotten; counters of quotas are then seeded anew. */
const remembered = 200_000

/** Sums of fractions of milliseconds err by less; without it a wait that was promised to suffice may not. */
const roundingMs = 1e-6

/** One number after the generic cell rate algorithm: when it would be full again, at what a point takes to come back. */
interface Bucket {
  fullAt: number
  msPerPoint: number
}

interface Counter {
  used: number
  readonly endsAt: number
}

/**
 * The limits of one process. Check and update are one synchronous step, so concurrency cannot overdraw.
 */
export function createMemoryLimiter(nowMs: () => number): Limiter {
  const buckets = createRecentMap<Bucket>(remembered)
  const counters = createRecentMap<Counter>(remembered)
  const slots = new Map<string, Set<string>>()

  /** What is missing of a full bucket, as time at this rate; points stay points when a plan changes. */
  const debtOf = ({ rate }: BucketDemand, known: Bucket | undefined, now: number): number =>
    known === undefined ? 0 : (Math.max(0, known.fullAt - now) * 1_000) / rate / known.msPerPoint
  const checkBucket = (demand: BucketDemand, now: number): LimitState => {
    const debt = debtOf(demand, buckets.get(demand.key), now)
    const excess = debt + ((demand.points - demand.size) * 1_000) / demand.rate
    return bucketState(demand, debt, demand.points > 0 && excess > roundingMs ? Math.ceil(excess) : 0)
  }
  const takePoints = (demand: BucketDemand, points: number, now: number): LimitState => {
    const msPerPoint = 1_000 / demand.rate
    const known = buckets.get(demand.key)
    const debt = Math.max(0, debtOf(demand, known, now) + points * msPerPoint)
    if (known === undefined) buckets.set(demand.key, { fullAt: now + debt, msPerPoint })
    else {
      known.fullAt = now + debt
      known.msPerPoint = msPerPoint
    }
    return bucketState(demand, debt, 0)
  }

  const checkCounter = ({ key, most, calls, lastsMs, atLeast, hard }: CounterDemand, now: number): LimitState => {
    const found = counters.get(key)
    const known = found !== undefined && found.endsAt > now ? found : undefined
    const used = Math.max(known?.used ?? 0, atLeast)
    const resetMs = Math.ceil(known === undefined ? lastsMs : known.endsAt - now)
    return {
      used,
      remaining: Math.max(0, most - used),
      resetMs,
      waitMs: hard && calls > 0 && used + calls > most ? Math.max(1, resetMs) : 0,
      before: known?.used ?? null,
    }
  }
  const count = ({ key, most, calls }: CounterDemand, state: LimitState, now: number): LimitState => {
    const used = state.used + calls
    const { resetMs, before } = state
    const known = before === null ? undefined : counters.get(key)
    if (known === undefined) counters.set(key, { used, endsAt: now + resetMs })
    else known.used = used
    return { used, remaining: Math.max(0, most - used), resetMs, waitMs: 0, before }
  }

  const slotState = ({ key, most }: SlotDemand): LimitState => {
    const used = slots.get(key)?.size ?? 0
    return {
      used,
      remaining: Math.max(0, most - used),
      resetMs: 0,
      waitMs: used < most ? 0 : slotRetryMs,
      before: null,
    }
  }
  const hold = (demand: SlotDemand): LimitState => {
    const held = slots.get(demand.key) ?? new Set()
    slots.set(demand.key, held.add(demand.id))
    return { ...slotState(demand), waitMs: 0 }
  }
  const free = (demand: SlotDemand): LimitState => {
    const held = slots.get(demand.key)
    if (held?.delete(demand.id) && held.size === 0) slots.delete(demand.key)
    return slotState(demand)
  }

  const check = (demand: LimitDemand, now: number): LimitState => {
    if (demand.kind === 'bucket') return checkBucket(demand, now)
    return demand.kind === 'counter' ? checkCounter(demand, now) : slotState(demand)
  }
  /** Counters get nothing back: they stand as they were told. */
  const giveBack = (demands: readonly LimitDemand[], taken: readonly LimitState[], points: number): LimitState[] => {
    const now = nowMs()
    return demands.map((demand, index) => {
      if (demand.kind === 'bucket') return takePoints(demand, -Math.min(points, demand.points), now)
      return demand.kind === 'counter' ? (taken[index] as LimitState) : free(demand)
    })
  }

  return {
    decide(demands) {
      const now = nowMs()
      const states = demands.map((demand) => check(demand, now))
      if (states.some(({ waitMs }) => waitMs > 0)) return Promise.resolve(refused(states))
      const taken = demands.map((demand, index) => {
        if (demand.kind === 'bucket') return takePoints(demand, demand.points, now)
        return demand.kind === 'slot' ? hold(demand) : count(demand, states[index] as LimitState, now)
      })
      return Promise.resolve(admitted(taken, demands, (points) => Promise.resolve(giveBack(demands, taken, points))))
    },
    look(demands) {
      const now = nowMs()
      return Promise.resolve(demands.map((demand) => check(demand, now)))
    },
    close: () => Promise.resolve(),
  }
}

function bucketState(demand: BucketDemand, debt: number, waitMs: number): LimitState {
  // Points that came back by a rounding error less than whole are whole.
  const remaining = Math.max(0, Math.floor(demand.size - (debt * demand.rate) / 1_000 + roundingMs))
  return { used: demand.size - remaining, remaining, resetMs: Math.ceil(debt), waitMs, before: null }
}
