import type { Caller } from '../../kit/caller.ts'
import type { CancelSignal } from '../../kit/cancellation.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'

/** One operation to one subgraph. */
export interface TransportRequest {
  readonly query: string
  /** Empty where there is a `body`. */
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName?: string | undefined
  /** The whole request (query, variables, operationName) as JSON text; the engine writes it for transports of text. */
  readonly body?: string | undefined
  readonly caller: Caller
  readonly requestId: string
  /** The W3C header that continues the trace of the request, where it is traced. */
  readonly traceparent?: string | undefined
  /** Ends the call: the client went away, or the deadline of the whole request has passed. */
  readonly signal: CancelSignal
}

/** What a subgraph answered. The engine merges into it, so nobody else may hold the same objects. */
export interface TransportResult extends SubgraphResult {
  /** True when none of its strings needs an escape in JSON text, so that they can be written as they are. */
  readonly plain?: boolean
}

/** What came over HTTP: it has the properties that the subgraph sent, and no others of its own. */
export class HttpResult implements TransportResult {
  declare readonly data?: Record<string, unknown> | null
  declare readonly errors?: NonNullable<SubgraphResult['errors']>
  readonly #plain: boolean

  constructor({ data, errors }: SubgraphResult, plain: boolean) {
    if (data !== undefined) this.data = data
    if (errors !== undefined) this.errors = errors
    this.#plain = plain
  }

  get plain(): boolean {
    return this.#plain
  }
}

/** How the gateway reaches one subgraph. Whether it is in this process or on another machine changes no result. */
export interface Transport {
  /** Whether requests leave as JSON text: then the engine gives them as a `body`. */
  readonly sendsText?: boolean
  /** Throws a CodedError (SUBGRAPH_UNAVAILABLE, SUBGRAPH_TIMEOUT) when no GraphQL answer came. */
  execute(request: TransportRequest): Promise<TransportResult>
  /** Resolves when the subgraph has accepted: what happens from then on is delivered. */
  subscribe(request: TransportRequest): Promise<TransportResult | AsyncIterableIterator<TransportResult, undefined>>
  close(): Promise<void>
}
