/** The bucket of a plan: how many points it holds and how many come back per second. */
export interface BucketLimits {
  readonly bucketSize: number
  readonly restoreRate: number
}

export type Reservation =
  | { readonly admitted: true; readonly available: number }
  | { readonly admitted: false; readonly available: number; readonly retryAfterMs: number }

/** One bucket of points per app, over all of its keys and all transports. */
export interface CostBuckets {
  /** Takes `cost` points, or none and says when they will be there. */
  reserve(appId: string, limits: BucketLimits, cost: number): Promise<Reservation>
  /** Gives back points that were reserved and not used; answers what is available then. */
  refund(appId: string, limits: BucketLimits, points: number): Promise<number>
  close(): Promise<void>
}
