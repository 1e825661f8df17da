import { type Schema, operationFromDocument } from '@apollo/federation-internals'
import type { QueryPlan, QueryPlanner } from '@apollo/query-planner'
import { type DocumentNode, type GraphQLSchema, buildASTSchema, parse } from 'graphql'

/**
 * One version of the supergraph and everything that is derived from it. Requests keep the snapshot that they began
 * with; an update makes a new one.
 */
export interface SupergraphSnapshot {
  /** What clients see and operations are validated against. */
  readonly apiSchema: GraphQLSchema
  /** The supergraph with its directives on AST nodes: rules and weights are read from it. */
  readonly supergraphSchema: GraphQLSchema
  /** Plans one operation of a document that is valid against `apiSchema`. */
  readonly plan: (document: DocumentNode, operationName: string | undefined) => QueryPlan
}

export function createSnapshot(options: {
  readonly supergraphSdl: string
  readonly apiSchema: GraphQLSchema
  readonly planner: QueryPlanner
}): SupergraphSnapshot {
  const plannerSchema: Schema = options.planner.supergraph.apiSchema()
  return {
    apiSchema: options.apiSchema,
    supergraphSchema: buildASTSchema(parse(options.supergraphSdl, { noLocation: true }), { assumeValidSDL: true }),
    plan: (document, operationName) =>
      options.planner.buildQueryPlan(
        operationFromDocument(plannerSchema, document, operationName === undefined ? {} : { operationName }),
      ),
  }
}
