import { composeServices } from '@apollo/composition'
import { type GraphQLError, type GraphQLSchema, parse } from 'graphql'

/** One subgraph as composition needs it; `url` ends up as its routing URL in the supergraph. */
export interface ComposedService {
  readonly name: string
  readonly url: string
  readonly sdl: string
}

/** Subgraphs that do not fit together; `reasons` are composition's own messages, one each. */
export class CompositionError extends Error {
  override readonly name = 'CompositionError'
  readonly reasons: readonly string[]
  /** The same with the places in the SDL that they are about. */
  readonly errors: readonly GraphQLError[]

  constructor(errors: readonly GraphQLError[]) {
    const reasons = errors.map(({ message }) => message)
    super(`The subgraphs cannot be composed.\n  ${reasons.join('\n  ')}`)
    this.reasons = reasons
    this.errors = errors
  }
}

/** Composes the supergraph; throws CompositionError when the subgraphs do not fit together. About 100 ms of CPU. */
export function composeSupergraph(services: readonly ComposedService[]): {
  readonly supergraphSdl: string
  readonly hints: readonly string[]
  /** What clients see of it; worked out on each call. */
  readonly api: () => GraphQLSchema
} {
  const result = composeServices(services.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })))
  if (result.supergraphSdl === undefined) throw new CompositionError(result.errors)
  const { supergraphSdl, schema, hints } = result
  return { supergraphSdl, hints: hints.map(String), api: () => schema.toAPISchema().toGraphQLJSSchema() }
}
