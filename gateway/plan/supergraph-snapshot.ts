import { type GraphQLSchema, type OperationDefinitionNode, buildASTSchema, parse, print } from 'graphql'
import { buildSchema } from './build-schema.ts'
import { deferDirective } from './defer-directive.ts'
import type { Planner } from './planner.ts'
import type { QueryPlan } from '../operation/query-plan.ts'
import { type Routes, routedPlan } from './routed-plan.ts'
import { createSlices } from './slices.ts'

/** Plans one operation that is valid against the API schema of a snapshot, its fragments inlined. */
export type PlanOperation = (operation: OperationDefinitionNode) => QueryPlan

/**
 * One version of the supergraph and everything that is derived from it. Requests keep the snapshot that they began
 * with; an update makes a new one.
 */
export interface SupergraphSnapshot {
  /** What clients see and operations are validated against. */
  readonly apiSchema: GraphQLSchema
  /** The contract or dated version that it is narrowed to; null for the whole graph. */
  readonly edition: string | null
  /** The same supergraph narrowed to a contract or version; null where that is not made, or has no schema. */
  readonly narrowedTo: (edition: string) => SupergraphSnapshot | null
  /** Makes that, once, in slices between which requests are served; null where it has no schema. */
  readonly narrow: (edition: string) => Promise<SupergraphSnapshot | null>
  /** Whether it has a schema of a contract or version, made or not. */
  readonly hasEdition: (edition: string) => boolean
  /** The contracts and versions that were asked for, also such as have no schema. */
  readonly editionsAsked: () => Iterable<string>
  /** The supergraph with its directives on AST nodes: rules and weights are read from it. */
  readonly supergraphSchema: GraphQLSchema
  readonly plan: PlanOperation
  /** The same before anybody waits for it, beside this thread where the planner is. */
  readonly planAhead: (operation: OperationDefinitionNode) => Promise<QueryPlan>
  /** What plans operations that are answered in parts; null when nothing can be deferred, undefined while not yet. */
  readonly partsPlanner: () => PlanOperation | null | undefined
  /** Whether anything was asked for in parts. */
  readonly hasDeferred: () => boolean
  /** Lets go of what only planning needs, when nothing new begins with this snapshot. */
  readonly rest: () => void
}

/** The planner of a snapshot, here or in a thread of its own. */
export interface SnapshotPlanner extends Planner {
  planAhead?(operation: string): Promise<QueryPlan>
}

export function createSnapshot(options: {
  /** Where the supergraph's schema is not built yet. */
  readonly supergraphSdl: string
  readonly supergraphSchema?: GraphQLSchema
  readonly apiSchema: GraphQLSchema
  readonly planner: SnapshotPlanner
  readonly routes?: Routes
  /** The planner of operations that are answered in parts, each time that one is asked for; undefined while it is made. */
  readonly deferring?: () => Planner | null | undefined
  readonly rest?: () => void
  /** The schemas of contracts and versions by name, in SDL. */
  readonly editions?: ReadonlyMap<string, string>
}): SupergraphSnapshot {
  const { supergraphSdl, apiSchema, planner, routes = new Map(), deferring, editions = new Map() } = options
  let parts: Planner | null | undefined
  let hasDeferred = false
  const narrowing = new Map<string, Promise<SupergraphSnapshot | null>>()
  const narrowed = new Map<string, SupergraphSnapshot>()
  // Another object, with a schema of its own: all that is kept of a graph is kept by these, so nothing is shared.
  const makeNarrowed = async (edition: string): Promise<SupergraphSnapshot | null> => {
    const sdl = editions.get(edition)
    if (sdl === undefined) return null
    const made = { ...whole, edition, apiSchema: await buildSchema(sdl, createSlices(), [deferDirective]) }
    narrowed.set(edition, made)
    return made
  }
  const whole: SupergraphSnapshot = {
    apiSchema,
    edition: null,
    narrowedTo: (edition) => narrowed.get(edition) ?? null,
    narrow(edition) {
      const making = narrowing.get(edition) ?? makeNarrowed(edition)
      narrowing.set(edition, making)
      // It may have been of the moment: who asks next has it made again.
      making.catch(() => narrowing.delete(edition))
      return making
    },
    hasEdition: (edition) => editions.has(edition),
    editionsAsked: () => narrowing.keys(),
    supergraphSchema:
      options.supergraphSchema ?? buildASTSchema(parse(supergraphSdl, { noLocation: true }), { assumeValidSDL: true }),
    plan: (operation) => routedPlan(planner.plan(print(operation)), routes),
    async planAhead(operation) {
      const text = print(operation)
      return routedPlan(await (planner.planAhead?.(text) ?? planner.plan(text)), routes)
    },
    partsPlanner() {
      hasDeferred = true
      if (parts === undefined) parts = deferring ? deferring() : null
      const known = parts
      return known && ((operation) => routedPlan(known.plan(print(operation)), routes))
    },
    hasDeferred: () => hasDeferred,
    // Itself, not by way of these options: whoever will call it must not keep the schemas alive until then.
    rest: options.rest ?? (() => undefined),
  }
  return whole
}
