import type { OperationDefinitionNode } from 'graphql'
import { conditionVariables, settleConditions } from '../operation/settle-conditions.ts'
import type { Variables } from '../request.ts'

/** More variables than this in `@skip` and `@include` are left to the planner: each doubles the plans that there can be. */
const mostSettled = 8

/** The plans of an operation. */
export interface PlanVariants<Plan> {
  /** The plan with these variables; null when there is nothing to fetch. */
  of(variables: Variables): Plan | null
  /** For each plan that was made, variables that it is for. */
  made(): readonly Variables[]
  /** Makes a plan before it is asked for. */
  ahead(variables: Variables): Promise<void>
}

/**
 * A plan for each combination of what an operation's conditions say, made on first use and kept: fields that are
 * skipped are not planned for. Planners know conditions too, but lose them on the way into entities (the Rust one) or
 * split what could be one fetch (Apollo's).
 */
export function createPlanVariants<Plan>(
  operation: OperationDefinitionNode,
  makers: {
    readonly make: (operation: OperationDefinitionNode) => Plan
    readonly makeAhead: (operation: OperationDefinitionNode) => Promise<Plan>
  },
): PlanVariants<Plan> {
  const names = conditionVariables(operation)
  const settles = names.length <= mostSettled
  const plans = new Map<string, Plan | null>()
  const keyOf = (variables: Variables): string =>
    settles ? names.map((name) => (variables[name] === true ? '1' : '0')).join('') : ''
  const settle = (variables: Variables): OperationDefinitionNode | null =>
    settles ? settleConditions(operation, variables) : operation
  return {
    of(variables) {
      const key = keyOf(variables)
      const known = plans.get(key)
      if (known !== undefined) return known
      const settled = settle(variables)
      const plan = settled && makers.make(settled)
      plans.set(key, plan)
      return plan
    },
    made: () => [...plans.keys()].map((key) => Object.fromEntries(names.map((name, at) => [name, key[at] === '1']))),
    async ahead(variables) {
      const key = keyOf(variables)
      const settled = settle(variables)
      const plan = settled && (await makers.makeAhead(settled))
      if (!plans.has(key)) plans.set(key, plan)
    },
  }
}
