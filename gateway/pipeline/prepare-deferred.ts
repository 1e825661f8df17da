import { Kind, type OperationDefinitionNode, OperationTypeNode, type SelectionSetNode } from 'graphql'
import type { Caller } from '../../kit/caller.ts'
import { once } from '../../kit/once.ts'
import { type DeferredPlan, compileDeferredPlan } from '../engine/deferred-plan.ts'
import { Selection } from '../engine/selected-fields.ts'
import { hasRateLimitOrIntrospection } from '../engine/introspection.ts'
import {
  deferVariables,
  hasDefer,
  labelDeferred,
  settleDeferred,
  withoutDeferred,
} from '../operation/deferred-fragments.ts'
import type { RunningBrownouts } from '../operation/deprecations.ts'
import { printPlan } from '../operation/print-plan.ts'
import { conditionVariables, settleConditions } from '../operation/settle-conditions.ts'
import type { SupergraphSnapshot } from '../plan/supergraph-snapshot.ts'
import type { Denial, FieldPolicy } from '../policy/filter-operation.ts'
import type { Variables } from '../request.ts'

/** An operation as it is answered in parts, with certain variables. */
export interface DeferredOperation {
  readonly selection: Selection
  readonly labels: ReadonlyMap<string, string | undefined>
  /** What is denied, and whether that is of what is answered at once. */
  readonly denials: readonly { readonly denial: Denial; readonly first: boolean }[]
  /** Planned on first call. */
  readonly plan: () => DeferredPlan
  readonly printedPlan: () => string
}

/** Null when nothing is deferred with these variables. */
export type DeferredFor = (variables: Variables) => DeferredOperation | null

/** The policy's filter gives the planner something to ask. */
const emptySet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] }

/** Each variable doubles the plans that there can be; operations with more are answered whole. */
const mostSettled = 8

/**
 * Prepares a query for clients that accept its answer in parts. Null when it has no `@defer`, and for what is always
 * answered whole: mutations, and what the gateway answers itself. Its fragments must be inlined.
 */
export function prepareDeferred(
  snapshot: SupergraphSnapshot,
  policy: FieldPolicy,
  {
    operation,
    caller,
    brownouts,
  }: {
    readonly operation: OperationDefinitionNode
    readonly caller: Caller
    readonly brownouts: RunningBrownouts
  },
): DeferredFor | null {
  const labelled = labelDeferred(operation)
  if (labelled === null || operation.operation !== OperationTypeNode.QUERY) return null
  if (hasRateLimitOrIntrospection(operation)) return null
  const rootType = snapshot.apiSchema.getQueryType()
  const names = [...new Set([...conditionVariables(operation), ...deferVariables(operation)])]
  if (!rootType || names.length > mostSettled) return null
  const known = new Map<string, DeferredOperation | null>()

  /** Undefined as long as there is no planner for it: it is answered whole then. */
  const prepare = (variables: Variables): DeferredOperation | null | undefined => {
    const requested = settleConditions(settleDeferred(labelled.operation, variables), variables, emptySet)
    if (requested === null || !hasDefer(requested)) return null
    const { operation: allowed, denials } = policy.filter(requested, caller, brownouts)
    if (allowed === null) return null
    const planParts = snapshot.partsPlanner()
    if (!planParts) return planParts
    const atOnce = new Set(policy.filter(withoutDeferred(requested), caller, brownouts).denials.map(placeOf))
    const queryPlan = once(() => planParts(allowed))
    return {
      selection: new Selection(snapshot.apiSchema, rootType, [requested.selectionSet], true),
      labels: labelled.labels,
      denials: denials.map((denial) => ({ denial, first: atOnce.has(placeOf(denial)) })),
      plan: once(() => compileDeferredPlan(snapshot.supergraphSchema, queryPlan().node)),
      printedPlan: () => printPlan(queryPlan()),
    }
  }
  return (variables) => {
    const key = names.map((name) => String(variables[name])).join(' ')
    let deferred = known.get(key)
    if (deferred === undefined) {
      deferred = prepare(variables)
      if (deferred !== undefined) known.set(key, deferred)
    }
    return deferred ?? null
  }
}

function placeOf({ path }: Denial): string {
  return path.join('.')
}
