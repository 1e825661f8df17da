import { setTimeout as pause } from 'node:timers/promises'

/** The graph answered, but with errors; `code` is that of the first. */
export class GraphError extends Error {
  override readonly name = 'GraphError'
  readonly code: string

  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.code = code
  }
}

/** No graph answered at this URL. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
}

/** The headers that say who calls; asked for each request, because a token of a person is renewed every few minutes. */
export type Authorize = () => Promise<Readonly<Record<string, string>>>

export interface GraphClientOptions {
  readonly url: string
  /** Ends waiting and requests. */
  readonly signal: AbortSignal
  /** Told before each wait for points to flow back. */
  readonly onThrottled: (seconds: number) => void
}

export interface GraphClient {
  /** The data of an operation that was answered without errors; waits as long as it is told to when throttled. */
  request<Data>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Data>
}

/** A client that is told errors too. */
export interface GraphConnection extends GraphClient {
  /** The answer as it is, errors included. */
  answer<Data>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<GraphAnswer<Data>>
}

/** What a GraphQL server answers. */
export interface GraphAnswer<Data> {
  readonly data?: Data | null
  readonly errors?: readonly {
    readonly message: string
    readonly extensions?: { readonly code?: string; readonly retryAfter?: number }
  }[]
}

const deadlineMs = 30_000

/** A client of the graph over HTTP, with nothing but the credentials that a partner has. */
export function createGraphClient(
  options: GraphClientOptions & ({ readonly app: string; readonly key: string } | { readonly authorize: Authorize }),
): GraphConnection {
  const authorize =
    'authorize' in options
      ? options.authorize
      : () => Promise.resolve({ 'x-tributary-app': options.app, 'x-tributary-key': options.key })
  const send = async <Data>(body: string): Promise<GraphAnswer<Data>> => {
    const response = await fetch(options.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
        ...(await authorize()),
      },
      body,
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(deadlineMs)]),
    }).catch((error: unknown) => {
      options.signal.throwIfAborted()
      throw new UnreachableError(`No answer from ${options.url}: ${reasonOf(error)}. Is the server running?`)
    })
    const text = await response.text()
    const answer = parseAnswer<Data>(text)
    if (answer) return answer
    throw new UnreachableError(`${options.url} answered ${response.status}, but not as a GraphQL server does.`)
  }
  const answer = async <Data>(
    query: string,
    variables: Readonly<Record<string, unknown>> = {},
  ): Promise<GraphAnswer<Data>> => {
    const body = JSON.stringify({ query, variables })
    for (;;) {
      // Each turn waits for the one before: a throttled operation is sent again after the pause it was told.
      const given = await send<Data>(body)
      const { code, retryAfter } = given.errors?.[0]?.extensions ?? {}
      if (code !== 'THROTTLED' || retryAfter === undefined) return given
      options.onThrottled(retryAfter)
      await pause(retryAfter * 1000, undefined, { signal: options.signal })
    }
  }
  return {
    answer,
    async request<Data>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Data> {
      const { data, errors } = await answer<Data>(query, variables)
      const [error] = errors ?? []
      const { code = 'UNKNOWN' } = error?.extensions ?? {}
      if (error) throw new GraphError(code, error.message)
      if (data) return data
      throw new GraphError(code, 'the answer has neither data nor errors')
    },
  }
}

function parseAnswer<Data>(text: string): GraphAnswer<Data> | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && ('data' in json || 'errors' in json)
      ? (json as GraphAnswer<Data>)
      : undefined
  } catch {
    return undefined
  }
}

/** Why a request was not answered, in a few words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'nothing within the time'
  const { cause } = error
  return cause instanceof Error ? cause.message || ('code' in cause ? String(cause.code) : cause.name) : error.message
}
