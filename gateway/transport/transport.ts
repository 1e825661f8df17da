import type { Caller } from '../../kit/caller.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'

/** One operation to one subgraph. */
export interface TransportRequest {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName?: string | undefined
  readonly caller: Caller
  readonly requestId: string
  /** Ends the call: the client went away, or the deadline of the whole request has passed. */
  readonly signal: AbortSignal
}

/** How the gateway reaches one subgraph. Whether it is in this process or on another machine changes no result. */
export interface Transport {
  /** Throws a CodedError (SUBGRAPH_UNAVAILABLE, SUBGRAPH_TIMEOUT) when no GraphQL answer came. */
  execute(request: TransportRequest): Promise<SubgraphResult>
  /** Resolves when the subgraph has accepted: what happens from then on is delivered. */
  subscribe(request: TransportRequest): Promise<SubgraphResult | AsyncIterableIterator<SubgraphResult, undefined>>
  close(): Promise<void>
}
