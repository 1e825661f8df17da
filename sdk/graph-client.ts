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

export interface GraphClientOptions {
  readonly url: string
  readonly app: string
  readonly key: string
  /** Ends waiting and requests. */
  readonly signal: AbortSignal
  /** Told before each wait for points to flow back. */
  readonly onThrottled: (seconds: number) => void
}

export interface GraphClient {
  /** The data of an operation that was answered without errors; waits as long as it is told to when throttled. */
  request<Data>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Data>
}

const deadlineMs = 30_000

interface Answer<Data> {
  readonly data?: Data | null
  readonly errors?: readonly {
    readonly message: string
    readonly extensions?: { readonly code?: string; readonly retryAfter?: number }
  }[]
}

/** A client of the graph over HTTP, with nothing but the credentials that a partner has. */
export function createGraphClient(options: GraphClientOptions): GraphClient {
  const send = async <Data>(body: string): Promise<Answer<Data>> => {
    const response = await fetch(options.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
        'x-tributary-app': options.app,
        'x-tributary-key': options.key,
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
  return {
    async request<Data>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Data> {
      const body = JSON.stringify({ query, variables })
      for (;;) {
        // Each turn waits for the one before: a throttled operation is sent again after the pause it was told.
        const { data, errors } = await send<Data>(body)
        const [error] = errors ?? []
        const { code = 'UNKNOWN', retryAfter } = error?.extensions ?? {}
        if (code === 'THROTTLED' && retryAfter !== undefined) {
          options.onThrottled(retryAfter)
          await pause(retryAfter * 1000, undefined, { signal: options.signal })
        } else if (error) throw new GraphError(code, error.message)
        else if (data) return data
        else throw new GraphError(code, 'the answer has neither data nor errors')
      }
    },
  }
}

function parseAnswer<Data>(text: string): Answer<Data> | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && ('data' in json || 'errors' in json)
      ? (json as Answer<Data>)
      : undefined
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `nothing within ${deadlineMs / 1000} seconds`
  const { cause } = error
  return cause instanceof Error ? cause.message || ('code' in cause ? String(cause.code) : cause.name) : error.message
}
