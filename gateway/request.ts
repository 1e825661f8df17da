import type { Caller } from '../kit/caller.ts'

/** Coerced variable values by name. */
export type Variables = Readonly<Record<string, unknown>>

/** The limits of an app's plan, as billing states them. */
export interface PlanLimits {
  readonly planId: string
  readonly planName: string
  /** Most points that can be saved up. */
  readonly bucketSize: number
  /** Points that come back per second. */
  readonly restoreRate: number
  /** Most points that one operation may be estimated at. */
  readonly maxQueryCost: number
  /** Calls per calendar month; null is unlimited. */
  readonly monthlyCalls: number | null
  /** Whether mutations are refused. */
  readonly readOnly: boolean
}

/** Who calls and what their plan allows. */
export interface Identity {
  readonly caller: Caller
  readonly limits: PlanLimits
}
