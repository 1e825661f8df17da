/** State of the caller's cost bucket, in points; `restoreRate` is points per second. */
export interface ThrottleStatus {
  maximumAvailable: number
  currentlyAvailable: number
  restoreRate: number
}

/** `extensions.cost` of an answer. The actual cost is absent when the operation was refused before it ran. */
export interface QueryCost {
  requestedQueryCost: number
  actualQueryCost: number | null
  throttleStatus: ThrottleStatus
}

/** A bucket as it was at one moment (`performance.now()` milliseconds). */
export interface BucketReading extends ThrottleStatus {
  readAt: number
}

/** Reads `extensions.cost`; null when the answer carries none. */
export function readQueryCost(extensions: unknown): QueryCost | null {
  const cost = property(extensions, 'cost')
  const throttle = property(cost, 'throttleStatus')
  const requestedQueryCost = property(cost, 'requestedQueryCost')
  const actualQueryCost = property(cost, 'actualQueryCost')
  const maximumAvailable = property(throttle, 'maximumAvailable')
  const currentlyAvailable = property(throttle, 'currentlyAvailable')
  const restoreRate = property(throttle, 'restoreRate')
  if (
    typeof requestedQueryCost !== 'number' ||
    typeof maximumAvailable !== 'number' ||
    typeof currentlyAvailable !== 'number' ||
    typeof restoreRate !== 'number'
  ) {
    return null
  }
  return {
    requestedQueryCost,
    actualQueryCost: typeof actualQueryCost === 'number' ? actualQueryCost : null,
    throttleStatus: { maximumAvailable, currentlyAvailable, restoreRate },
  }
}

/** Points in the bucket at `now`, as it refills between two answers. */
export function availableAt(bucket: BucketReading, now: number): number {
  const restored = (Math.max(0, now - bucket.readAt) / 1000) * bucket.restoreRate
  return Math.min(bucket.maximumAvailable, bucket.currentlyAvailable + restored)
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
