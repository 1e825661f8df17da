import type { OperationDefinitionNode } from 'graphql'
import { conditionVariables, settleConditions } from './operation/settle-conditions.ts'
import type { Variables } from './request.ts'

/** More variables than this in `@skip` and `@include` are left to the planner: each doubles the plans that there can be. */
const mostSettled = 8

/** The plan of an operation with these variables; null when there is nothing to fetch. */
export type PlanFor<Plan> = (variables: Variables) => Plan | null

/**
 * A plan for each combination of what an operation's conditions say, made on first use and kept: fields that are
 * skipped are not planned for. Planners know conditions too, but lose them on the way into entities (the Rust one) or
 * split what could be one fetch (Apollo's).
 */
export function createPlanVariants<Plan>(
  operation: OperationDefinitionNode,
  makePlan: (operation: OperationDefinitionNode) => Plan,
): PlanFor<Plan> {
  const names = conditionVariables(operation)
  const settles = names.length <= mostSettled
  const plans = new Map<string, Plan | null>()
  return (variables) => {
    const key = settles ? names.map((name) => (variables[name] === true ? '1' : '0')).join('') : ''
    const known = plans.get(key)
    if (known !== undefined) return known
    const settled = settles ? settleConditions(operation, variables) : operation
    const plan = settled && makePlan(settled)
    plans.set(key, plan)
    return plan
  }
}
