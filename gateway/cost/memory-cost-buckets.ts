import { LRUCache } from 'lru-cache'
import type { BucketLimits, CostBuckets } from './cost-buckets.ts'

/** More apps than this at once share nothing: the one that was idle longest is forgotten, which fills its bucket. */
const rememberedApps = 100_000

/** Sums of fractions of milliseconds err by less; without it a wait that was promised to suffice may not. */
const roundingMs = 1e-6

/**
 * Buckets of one process after the generic cell rate algorithm: per app one number, the theoretical arrival time at
 * which its bucket would be full again. Check and update are one synchronous step, so concurrency cannot overdraw.
 */
export function createMemoryCostBuckets(nowMs: () => number): CostBuckets {
  const fullAt = new LRUCache<string, number>({ max: rememberedApps })
  const debtMs = (appId: string, now: number): number => Math.max(0, (fullAt.get(appId) ?? now) - now)

  return {
    reserve(appId, limits, cost) {
      const now = nowMs()
      const debt = debtMs(appId, now)
      const wanted = debt + cost * msPerPoint(limits)
      const capacityMs = limits.bucketSize * msPerPoint(limits)
      if (wanted > capacityMs + roundingMs) {
        const retryAfterMs = Math.ceil(wanted - capacityMs)
        return Promise.resolve({ admitted: false, available: available(limits, debt), retryAfterMs })
      }
      fullAt.set(appId, now + wanted)
      return Promise.resolve({ admitted: true, available: available(limits, wanted) })
    },
    refund(appId, limits, points) {
      const now = nowMs()
      const debt = Math.max(0, debtMs(appId, now) - points * msPerPoint(limits))
      fullAt.set(appId, now + debt)
      return Promise.resolve(available(limits, debt))
    },
    close: () => Promise.resolve(),
  }
}

function msPerPoint(limits: BucketLimits): number {
  return 1_000 / limits.restoreRate
}

function available(limits: BucketLimits, debtMs: number): number {
  return Math.max(0, Math.floor(limits.bucketSize - debtMs / msPerPoint(limits)))
}
