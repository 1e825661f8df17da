import { CodedError } from '../../kit/errors.ts'
import type { Identity, Variables } from '../request.ts'
import type { CostModel } from './cost-model.ts'
import { type CostExtension, CostRefusal, refuseByLimit } from './cost-refusal.ts'
import type { LimitState, Limiter } from './limiter.ts'
import { type PlanLimit, nothingWanted, planLimits } from './plan-demands.ts'
import type { QuotaAlerts } from './quota-alerts.ts'

/** A limit and how it stands. */
export interface LimitReading {
  readonly limit: PlanLimit
  readonly state: LimitState
}

export interface Charge {
  readonly estimate: number
  /** How the limits stood when it was admitted. */
  readonly readings: readonly LimitReading[]
  /**
   * Refunds what the answer did not need, frees what the operation held, and tells the final cost. Without an answer
   * (the client went away, or the operation failed on the way) the whole estimate is kept: the work was done, and
   * cancelling must not be a way to have it for nothing. Only the first call does something.
   */
  settle(data?: unknown): Promise<Settled>
}

export interface Settled {
  readonly cost: CostExtension
  /** The points that the app has paid in the end. */
  readonly points: number
  readonly readings: readonly LimitReading[]
}

export interface ChargeDependencies {
  readonly limiter: Limiter
  readonly alerts: QuotaAlerts
  readonly now: () => Date
}

export interface ChargedOperation {
  readonly model: CostModel
  readonly variables: Variables
  readonly kind: 'request' | 'stream'
  /** Tells it from all others that run. */
  readonly id: string
}

/** Fields named in a refusal. */
const dearestNamed = 5

/**
 * Takes the estimated points, a call of each quota and a slot before anything is fetched: of all of the plan's limits,
 * or of none. Throws COST_LIMIT_EXCEEDED for an operation dearer than the plan ever lets one be, QUOTA_EXCEEDED for a
 * quota of a day or month, THROTTLED for what will be there soon.
 */
export async function chargeOperation(
  { limiter, alerts, now }: ChargeDependencies,
  identity: Identity,
  operation: ChargedOperation,
): Promise<Charge> {
  const { model, variables } = operation
  const { estimate, limits } = wantedLimits(identity, operation, now())
  const extension = (actualQueryCost: number | null, readings: readonly LimitReading[]): CostExtension =>
    costExtension(identity, { requestedQueryCost: estimate, actualQueryCost, readings })

  const closed = limits.find(isClosed)
  if (closed) {
    const message = `The plan ${identity.limits.planName} has no ${closed.name}; ask for another plan.`
    throw new CodedError('PLAN_FORBIDS', message, { plan: identity.limits.planName, limit: closed.name })
  }
  const most = dearestAllowed(identity, limits)
  const tooOften = limits.find(isBeyond)
  if (estimate > most || tooOften !== undefined) {
    const readings = readingsOf(limits, await limiter.look(limits.map(({ demand }) => demand)))
    const { planName } = identity.limits
    throw new CostRefusal(
      'COST_LIMIT_EXCEEDED',
      estimate > most || tooOften === undefined
        ? `The operation costs ${estimate} points and the plan ${planName} allows ${most} at once; ask for smaller pages or fewer fields.`
        : `The operation needs more of ${tooOften.name} than the plan ${planName} ever allows, ${tooOften.most}; ask for it fewer times.`,
      {
        cost: extension(null, readings),
        readings,
        requestedQueryCost: estimate,
        maximumQueryCost: most,
        dearestFields: model.dearest(variables, dearestNamed),
      },
    )
  }
  const decision = await limiter.decide(limits.map(({ demand }) => demand))
  const readings = readingsOf(limits, decision.states)
  if (!decision.admitted) throw refuseByLimit(readings, { cost: extension(null, readings), now: now() })
  alerts.watch(identity, readings)
  const settle = async (data: unknown): Promise<Settled> => {
    // Never more than was taken, should a list have had more items than it told.
    const points = data === undefined ? estimate : Math.min(estimate, model.actual(data, variables))
    const settled = readingsOf(limits, await decision.settle(estimate - points))
    return { cost: extension(points, settled), points, readings: settled }
  }
  let settled: Promise<Settled> | undefined
  return { estimate, readings, settle: (data) => (settled ??= settle(data)) }
}

/** What an operation would cost, and whether it would be admitted now, without taking anything. */
export async function foresee(
  { limiter, now }: Pick<ChargeDependencies, 'limiter' | 'now'>,
  identity: Identity,
  operation: ChargedOperation,
): Promise<{ readonly cost: number; readonly admitted: boolean }> {
  const { estimate: cost, limits } = wantedLimits(identity, operation, now())
  if (cost > dearestAllowed(identity, limits) || limits.some((limit) => isClosed(limit) || isBeyond(limit)))
    return { cost, admitted: false }
  const states = await limiter.look(limits.map(({ demand }) => demand))
  return { cost, admitted: states.every(({ waitMs }) => waitMs === 0) }
}

/** How all limits of a caller stand, without using any. */
export async function lookAtLimits(
  { limiter, now }: Pick<ChargeDependencies, 'limiter' | 'now'>,
  identity: Identity,
): Promise<LimitReading[]> {
  const limits = planLimits(identity, nothingWanted, { now: now(), everything: true })
  return readingsOf(limits, await limiter.look(limits.map(({ demand }) => demand)))
}

/** `extensions.cost`, from the bucket that every plan has. */
export function costExtension(
  { limits }: Identity,
  cost: {
    readonly requestedQueryCost: number
    readonly actualQueryCost: number | null
    readonly readings: readonly LimitReading[]
  },
): CostExtension {
  const { requestedQueryCost, actualQueryCost, readings } = cost
  return {
    requestedQueryCost,
    actualQueryCost,
    throttleStatus: {
      maximumAvailable: limits.bucketSize,
      currentlyAvailable: readings[0]?.state.remaining ?? limits.bucketSize,
      restoreRate: limits.restoreRate,
    },
  }
}

function wantedLimits(identity: Identity, { model, variables, kind, id }: ChargedOperation, now: Date) {
  const { limits: plan } = identity
  const estimate = model.estimate(variables)
  const places = kind === 'request' ? plan.concurrentRequests : plan.openStreams
  const wanted = {
    points: estimate,
    calls: 1,
    timesAsked: (coordinate: string) => model.timesAsked(coordinate, variables),
    slot: places === null ? null : { kind, id },
  } as const
  return { estimate, limits: planLimits(identity, wanted, { now }) }
}

/** What no bucket ever holds cannot be waited for. */
function dearestAllowed({ limits: { maxQueryCost } }: Identity, limits: readonly PlanLimit[]): number {
  let dearest = maxQueryCost
  for (const { unit, most } of limits) if (unit === 'POINTS' && most < dearest) dearest = most
  return dearest
}

/** A limit of none is no limit that one could wait for. */
function isClosed({ most, demand }: PlanLimit): boolean {
  return most === 0 && (demand.kind === 'slot' || (demand.kind === 'counter' && demand.hard))
}

/** Whether an operation asks for a field more often than a whole window allows. */
function isBeyond({ demand }: PlanLimit): boolean {
  return demand.kind === 'counter' && demand.calls > 1 && demand.calls > demand.most
}

export function readingsOf(limits: readonly PlanLimit[], states: readonly LimitState[]): LimitReading[] {
  // States come in the order of the demands, one each.
  return limits.map((limit, index) => ({ limit, state: states[index] as LimitState }))
}
