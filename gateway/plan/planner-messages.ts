import type { QueryPlan } from '../operation/query-plan.ts'
import type { WantedPlanner } from './choose-rust.ts'
import type { PlannerName } from './planner.ts'

/** What a planner's thread begins with. */
export interface PlannerWork {
  readonly supergraphSdl: string
  /** `deferring`: Apollo's, for operations that are answered in parts. */
  readonly wanted: WantedPlanner | 'deferring'
}

/** An operation to plan. */
export interface PlanQuestion {
  readonly id: number
  readonly operation: string
  /** Raised when the answer is there, by who asks and waits; null when nobody does. */
  readonly answered: Int32Array | null
}

export type PlanAnswer = { readonly id: number } & ({ readonly plan: QueryPlan } | { readonly failed: string })

/** What the thread tells besides plans. */
export type PlannerNews =
  | { readonly kind: 'ready'; readonly name: PlannerName }
  | { readonly kind: 'refused'; readonly reason: string; readonly byConfig: boolean }
  | { readonly kind: 'warning'; readonly text: string; readonly reason: string }
