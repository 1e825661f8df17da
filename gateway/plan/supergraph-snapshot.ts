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
}

export function createSnapshot(options: {
  readonly supergraphSdl: string
  readonly apiSchema: GraphQLSchema
  readonly planner: Planner
  readonly routes?: Routes
}): SupergraphSnapshot {
  const { supergraphSdl, apiSchema, planner, routes = new Map() } = options
  return {
    apiSchema,
    supergraphSchema: buildASTSchema(parse(supergraphSdl, { noLocation: true }), { assumeValidSDL: true }),
    plan: (operation) => routedPlan(planner.plan(operation), routes),
  }
}
