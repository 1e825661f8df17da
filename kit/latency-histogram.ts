/**
 * Durations in fixed buckets that grow by the fourth root of two, from half a millisecond to some 33 seconds: histograms
 * of any gateways and hours are added bucket by bucket, and a quantile of the sum is at most 9 % off (what lies outside
 * counts as the first or the last bucket).
 */
export const latencyBuckets = 64

const bucketsPerDoubling = 4
const smallestMs = 0.5

/** The bucket that a duration falls into. */
export function latencyBucket(milliseconds: number): number {
  if (!(milliseconds > smallestMs)) return 0
  return Math.min(latencyBuckets - 1, Math.floor(Math.log2(milliseconds / smallestMs) * bucketsPerDoubling))
}

/**
 * The duration in milliseconds below which a share of what was counted lies, told as the geometric middle of its
 * bucket; null when nothing was counted. `counts` has one number per bucket.
 */
export function latencyQuantile(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let below = 0
  const bucket = counts.findIndex((count) => (below += count) >= share * total && count > 0)
  return smallestMs * 2 ** ((bucket + 0.5) / bucketsPerDoubling)
}
