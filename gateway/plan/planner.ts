import type { QueryPlan } from '../operation/query-plan.ts'

/** The planners that can be chosen. */
export type PlannerName = 'rust' | 'apollo'

/** Plans operations against one supergraph. */
export interface Planner {
  readonly name: PlannerName
  /** Plans a valid operation whose fragments are inlined, given as a text. */
  plan(operation: string): QueryPlan
}
