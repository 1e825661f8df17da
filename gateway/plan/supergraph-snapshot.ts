import { type GraphQLSchema, type OperationDefinitionNode, buildASTSchema, parse } from 'graphql'
import type { Planner } from './planner.ts'
import type { QueryPlan } from '../operation/query-plan.ts'
import { type Routes, routedPlan } from './routed-plan.ts'

/**
 * One version of the supergraph and everything that is derived from it. Requests keep the snapshot that they began
 * with; an update makes a new one.
 */
export interface SupergraphSnapshot {
  /** What clients see and operations are validated against. */
  readonly apiSchema: GraphQLSchema
  /** The supergraph with its directives on AST nodes: rules and weights are read from it. */
  readonly supergraphSchema: GraphQLSchema
  /** Plans one operation that is valid against `apiSchema`, its fragments inlined. */
  readonly plan: (operation: OperationDefinitionNode) => QueryPlan
  /** What plans operations that are answered in parts; null when nothing can be deferred. */
  readonly partsPlanner: () => ((operation: OperationDefinitionNode) => QueryPlan) | null
}

export function createSnapshot(options: {
  readonly supergraphSdl: string
  readonly apiSchema: GraphQLSchema
  readonly planner: Planner
  readonly routes?: Routes
  /** Makes the planner of operations that are answered in parts; called when the first is. */
  readonly deferring?: () => Planner | null
}): SupergraphSnapshot {
  const { supergraphSdl, apiSchema, planner, routes = new Map(), deferring } = options
  let parts: { readonly planner: Planner | null } | undefined
  return {
    apiSchema,
    supergraphSchema: buildASTSchema(parse(supergraphSdl, { noLocation: true }), { assumeValidSDL: true }),
    plan: (operation) => routedPlan(planner.plan(operation), routes),
    partsPlanner() {
      parts ??= { planner: deferring?.() ?? null }
      const { planner: known } = parts
      return known && ((operation) => routedPlan(known.plan(operation), routes))
    },
  }
}
