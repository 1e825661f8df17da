import type { GraphClient } from '../sdk/graph-client.ts'
import { RefusedError } from './usage-error.ts'

interface Payload {
  readonly userErrors: readonly { readonly code: string; readonly message: string }[]
}

/** What a mutation answers; throws RefusedError with its first user error. `query` has one field, a mutation. */
export async function mutate<Answer extends object>(
  graph: GraphClient,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const data = await graph.request<Record<string, (Payload & Answer) | null>>(query, variables)
  const [payload] = Object.values(data)
  const [problem] = payload?.userErrors ?? []
  if (problem !== undefined) throw new RefusedError(problem.code, problem.message)
  if (payload == null) throw new RefusedError('NOT_DONE', 'The graph has answered nothing.')
  return payload
}
