import { createHash } from 'node:crypto'
import { type DocumentNode, type GraphQLSchema, Kind, buildASTSchema, print } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Identity } from '../request.ts'
import { describeWithDirectives } from './described-schema.ts'
import { type FieldRules, createFieldRules } from './field-rules.ts'
import { visibleDefinitions } from '../../kit/visible-definitions.ts'

/** What of one supergraph is asked here. */
interface Graph {
  readonly apiSchema: GraphQLSchema
  readonly supergraphSchema: GraphQLSchema
}

/** The graph as one caller may call it. */
export interface CallerSchema {
  /** For introspection; operations are validated against the whole API schema. */
  readonly schema: GraphQLSchema
  /** The same as a text, with `@requiresScopes`, `@cost` and `@listSize`; made on first call. */
  readonly sdl: () => { readonly text: string; readonly etag: string }
}

/** Views of one supergraph that are kept; callers with the same scopes and the same closed doors share one. */
const keptViews = 64

/** Gives each caller the part of the graph that it may call. */
export type CallerSchemas = (graph: Graph, identity: Identity) => CallerSchema

/** Works schemas out on first use and keeps them per supergraph and policy view. */
export function createCallerSchemas(): CallerSchemas {
  const byGraph = new WeakMap<GraphQLSchema, GraphViews>()
  return (graph, identity) => {
    let views = byGraph.get(graph.apiSchema)
    if (views === undefined) {
      views = {
        described: describeWithDirectives(graph),
        rules: createFieldRules(graph.supergraphSchema),
        schemas: new LRUCache({ max: keptViews }),
      }
      byGraph.set(graph.apiSchema, views)
    }
    const { scopes } = identity.caller
    const closed = closedByPlan(identity)
    const key = JSON.stringify([scopes, [...closed].toSorted()])
    const known = views.schemas.get(key)
    if (known) return known
    const schema = createCallerSchema(views, { scopes, closed })
    views.schemas.set(key, schema)
    return schema
  }
}

interface GraphViews {
  readonly described: DocumentNode
  readonly rules: FieldRules
  readonly schemas: LRUCache<string, CallerSchema>
}

/** The root types and coordinates that the caller's plan never lets anybody ask for: it answers PLAN_FORBIDS. */
function closedByPlan({ limits }: Identity): ReadonlySet<string> {
  return new Set([
    ...(limits.readOnly ? ['Mutation'] : []),
    ...(limits.openStreams === 0 ? ['Subscription'] : []),
    ...limits.fieldLimits.filter(({ calls }) => calls === 0).map(({ coordinate }) => coordinate),
  ])
}

function createCallerSchema(
  { described, rules }: GraphViews,
  { scopes, closed }: { readonly scopes: readonly string[]; readonly closed: ReadonlySet<string> },
): CallerSchema {
  const definitions = visibleDefinitions(
    described.definitions,
    (type, field) =>
      !closed.has(type) && !closed.has(`${type}.${field}`) && rules.denying(type, field, { scopes }) === undefined,
  )
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions }
  let sdl: ReturnType<CallerSchema['sdl']> | undefined
  return {
    // A caller without any scope may have a Query without fields, which graphql-js would refuse to describe.
    schema: buildASTSchema(document, { assumeValid: true, assumeValidSDL: true }),
    sdl: () => {
      if (sdl === undefined) {
        const text = `${print(document)}\n`
        sdl = { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` }
      }
      return sdl
    },
  }
}
