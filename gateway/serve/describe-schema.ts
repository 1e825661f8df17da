import { parse } from 'graphql'
import type { Pipeline } from '../pipeline.ts'
import type { SupergraphSnapshot } from '../plan/supergraph-snapshot.ts'
import type { CallerSchemas } from '../policy/caller-schema.ts'
import type { Identity } from '../request.ts'

/** Without a source, so that it is no document that a client could come to have paid for. */
const smallestIntrospection = parse('{ __schema { queryType { name } } }', { noLocation: true })

export interface DescribeOptions {
  readonly pipeline: Pipeline
  readonly callerSchema: CallerSchemas
  readonly snapshot: () => SupergraphSnapshot | Promise<SupergraphSnapshot>
}

/**
 * The text of the graph as a caller may call it. It is charged, counted and limited by running an introspection in the
 * caller's name first; a refusal of that is thrown.
 */
export async function describeSchema(
  { pipeline, callerSchema, ...options }: DescribeOptions,
  identity: Identity,
  { requestId }: { readonly requestId: string },
): Promise<{ readonly text: string; readonly etag: string }> {
  const snapshot = await options.snapshot()
  const { errors } = await pipeline.execute({
    snapshot,
    document: smallestIntrospection,
    operationName: undefined,
    variables: {},
    identity,
    requestId,
    signal: new AbortController().signal,
  })
  const [refusal] = errors
  if (refusal) throw refusal
  return callerSchema(snapshot, identity).sdl()
}
