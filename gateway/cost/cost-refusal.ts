import { CodedError } from '../../kit/errors.ts'
import type { LimitReading } from './charge.ts'

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

/** A refusal for what an operation would use, with what `extensions.cost` and the headers must tell. */
export class CostRefusal extends CodedError {
  readonly cost: CostExtension
  readonly readings: readonly LimitReading[]

  constructor(
    code: 'COST_LIMIT_EXCEEDED' | 'THROTTLED' | 'QUOTA_EXCEEDED',
    message: string,
    details: { readonly cost: CostExtension; readonly readings: readonly LimitReading[] } & Readonly<
      Record<string, unknown>
    >,
  ) {
    const { cost, readings, ...told } = details
    super(code, message, told)
    this.cost = cost
    this.readings = readings
  }
}

/** The refusal of the limit that makes the operation wait longest: to mend a nearer one would not help. */
export function refuseByLimit(
  readings: readonly LimitReading[],
  { cost, now }: { readonly cost: CostExtension; readonly now: Date },
): CostRefusal {
  const details = refusalDetails(readings, now)
  const { limit, retryAfter } = details
  return new CostRefusal(
    details.quota ? 'QUOTA_EXCEEDED' : 'THROTTLED',
    details.quota
      ? `The ${limit.most} calls of ${limit.name} are used up until ${details.resetsAt}; ask for another plan to call more.`
      : `The app has used up its ${limit.name}; try again in ${retryAfter} seconds.`,
    { cost, readings, limit, retryAfter, ...(details.resetsAt === null ? {} : { resetsAt: details.resetsAt }) },
  )
}

/** What a client needs to know to mend it: which limit, and when to come back. */
export function refusalDetails(readings: readonly LimitReading[], now: Date) {
  const refusing = readings.filter(({ state }) => state.waitMs > 0).toSorted((a, b) => b.state.waitMs - a.state.waitMs)
  const [longest] = refusing
  if (longest === undefined) throw new Error('an operation was refused by no limit')
  const { limit, state } = longest
  return {
    quota: limit.quota !== null,
    limit: { name: limit.name, unit: limit.unit, most: limit.most, used: state.used, remaining: state.remaining },
    retryAfter: state.waitMs / 1_000,
    resetsAt: limit.demand.kind === 'counter' ? new Date(now.getTime() + state.resetMs).toISOString() : null,
  }
}
