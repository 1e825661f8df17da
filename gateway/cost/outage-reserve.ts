import type { Logger } from '../../kit/log.ts'
import type { BucketLimits, CostBuckets } from './cost-buckets.ts'

/** What a gateway may admit by itself of each app's bucket and restore rate. */
const share = 0.1
/** How long the shared buckets are left alone after they have failed, so that not every request waits for them. */
const pauseMs = 1_000
/** When to come back with an operation that is dearer than the whole reserve. */
const retryAfterMs = 5_000

/**
 * Buckets that go on while the shared ones are out of reach, each gateway with a tenth of every app's budget: partners
 * are served, and an outage opens no budget without a limit. N gateways admit at most N tenths of the usual rate.
 */
export function withOutageReserve(
  shared: CostBuckets,
  options: { readonly local: CostBuckets; readonly log: Logger; readonly nowMs: () => number },
): CostBuckets {
  const { local, log, nowMs } = options
  let downUntil: number | undefined

  const attempt = async <Result>(ask: () => Promise<Result>, otherwise: () => Promise<Result>): Promise<Result> => {
    if (downUntil !== undefined && nowMs() < downUntil) return otherwise()
    try {
      const result = await ask()
      if (downUntil !== undefined) log.warn('the shared cost buckets are back')
      downUntil = undefined
      return result
    } catch (error) {
      if (downUntil === undefined) {
        log.error({ err: error }, 'the shared cost buckets are out of reach; this gateway admits a tenth by itself')
      }
      downUntil = nowMs() + pauseMs
      return otherwise()
    }
  }
  return {
    reserve: (appId, limits, cost) =>
      attempt(
        () => shared.reserve(appId, limits, cost),
        async () => {
          const reserve = reserveOf(limits)
          if (cost <= reserve.bucketSize) return local.reserve(appId, reserve, cost)
          return { admitted: false, available: await local.refund(appId, reserve, 0), retryAfterMs }
        },
      ),
    refund: (appId, limits, points) =>
      attempt(
        () => shared.refund(appId, limits, points),
        () => local.refund(appId, reserveOf(limits), points),
      ),
    close: async () => {
      await Promise.all([shared.close(), local.close()])
    },
  }
}

function reserveOf({ bucketSize, restoreRate }: BucketLimits): BucketLimits {
  return { bucketSize: Math.ceil(bucketSize * share), restoreRate: restoreRate * share }
}
