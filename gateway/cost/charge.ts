import { CodedError } from '../../kit/errors.ts'
import type { Identity, Variables } from '../request.ts'
import type { CostBuckets } from './cost-buckets.ts'
import type { CostModel } from './cost-model.ts'

/** `extensions.cost` of every answer, in the shape that partner developers know. All numbers are points. */
export interface CostExtension {
  readonly requestedQueryCost: number
  /** Null when the operation was refused. */
  readonly actualQueryCost: number | null
  readonly throttleStatus: {
    readonly maximumAvailable: number
    readonly currentlyAvailable: number
    /** Points per second. */
    readonly restoreRate: number
  }
}

export interface Charge {
  readonly estimate: number
  /**
   * Refunds what the answer did not need and tells the final cost. Without an answer (the client went away, or the
   * operation failed on the way) the whole estimate is kept: the work was done, and cancelling must not be a way to
   * have it for nothing.
   */
  settle(data?: unknown): Promise<CostExtension>
}

/** A refusal for the cost of an operation, with what `extensions.cost` must tell. */
export class CostRefusal extends CodedError {
  readonly cost: CostExtension

  constructor(
    code: 'COST_LIMIT_EXCEEDED' | 'THROTTLED',
    message: string,
    { cost, ...details }: { readonly cost: CostExtension } & Readonly<Record<string, unknown>>,
  ) {
    super(code, message, details)
    this.cost = cost
  }
}

/** Fields named in a refusal. */
const dearestNamed = 5

/**
 * Takes the estimated points from the app's bucket before anything is fetched. Throws COST_LIMIT_EXCEEDED for an
 * operation dearer than the plan lets one be, THROTTLED when the bucket has too little at the moment.
 */
export async function chargeOperation(
  buckets: CostBuckets,
  identity: Identity,
  { model, variables }: { readonly model: CostModel; readonly variables: Variables },
): Promise<Charge> {
  const { caller, limits } = identity
  const estimate = model.estimate(variables)
  const extension = (actualQueryCost: number | null, currentlyAvailable: number): CostExtension => ({
    requestedQueryCost: estimate,
    actualQueryCost,
    throttleStatus: { maximumAvailable: limits.bucketSize, currentlyAvailable, restoreRate: limits.restoreRate },
  })
  const most = Math.min(limits.maxQueryCost, limits.bucketSize)
  if (estimate > most) {
    const available = await buckets.refund(caller.appId, limits, 0)
    throw new CostRefusal(
      'COST_LIMIT_EXCEEDED',
      `The operation costs ${estimate} points and the plan ${limits.planName} allows ${most} at once; ask for smaller pages or fewer fields.`,
      {
        cost: extension(null, available),
        requestedQueryCost: estimate,
        maximumQueryCost: most,
        dearestFields: model.dearest(variables, dearestNamed),
      },
    )
  }
  const reservation = await buckets.reserve(caller.appId, limits, estimate)
  if (!reservation.admitted) {
    const retryAfter = Math.max(0.001, reservation.retryAfterMs / 1000)
    throw new CostRefusal('THROTTLED', `The app's points are used up; try again in ${retryAfter} seconds.`, {
      cost: extension(null, reservation.available),
      retryAfter,
    })
  }
  return {
    estimate,
    async settle(data) {
      const actual = data === undefined ? estimate : model.actual(data, variables)
      const unused = estimate - actual
      const available = unused > 0 ? await buckets.refund(caller.appId, limits, unused) : reservation.available
      return extension(actual, available)
    },
  }
}
