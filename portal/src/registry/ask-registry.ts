import type { Credentials } from '../caller/credentials.ts'
import type { GraphError } from '../graph/graph-result.ts'
import { postOperation } from '../graph/post-operation.ts'

/** Why the registry gave no answer: what happened, and what can be done about it. */
export class RegistryProblem extends Error {
  override readonly name = 'RegistryProblem'
  readonly title: string
  /** Another key would help. */
  readonly needsKey: boolean

  constructor({ title, message, needsKey = false }: { title: string; message: string; needsKey?: boolean }) {
    super(message)
    this.title = title
    this.needsKey = needsKey
  }
}

/** Asks the graph as the caller. What an app may not see within the answer is null there; an answer that is missing throws. */
export async function askRegistry<Data>(
  credentials: Credentials,
  query: string,
  variables: Record<string, unknown>,
): Promise<Data> {
  const { data, errors } = await postOperation(credentials, { query, variables })
  const [first] = errors ?? []
  // Not by the error's path: a subgraph that did not answer in time has none.
  const missing = data == null || Object.values(data).includes(null)
  if (first && missing) throw problemOf(first)
  return data as Data
}

/** Each problem in words, with what to do about it. */
function problemOf({ message, extensions }: GraphError): RegistryProblem {
  const code = extensions?.['code']
  if (code === 'FORBIDDEN') {
    return new RegistryProblem({
      title: 'This app may not read schemas',
      message:
        "The registry is for the platform company's own teams: it takes an app of the operator's organization with the " +
        'scope schemas:read. Use the id and a key of such an app; npm start prints those of the Operator Console.',
      needsKey: true,
    })
  }
  if (code === 'UNAUTHENTICATED') return new RegistryProblem({ title: 'Not accepted', message, needsKey: true })
  if (code === 'THROTTLED') {
    const after = extensions?.['retryAfter']
    const when = typeof after === 'number' ? ` in ${Math.max(1, Math.ceil(after))} s` : ' in a while'
    return new RegistryProblem({ title: 'No points left', message: `${message} Try again${when}.` })
  }
  if (typeof code === 'string' && code.startsWith('SUBGRAPH_')) {
    const text = 'The checks of a large graph on a busy machine can outlast a request. Try again.'
    return new RegistryProblem({ title: 'The registry has not answered in time', message: text })
  }
  return new RegistryProblem({ title: 'The graph has refused this', message })
}
