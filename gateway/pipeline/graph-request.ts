import type { CancelSignal } from '../../kit/cancellation.ts'
import type { DocumentNode } from 'graphql'
import type { SupergraphSnapshot } from '../plan/supergraph-snapshot.ts'
import type { Arrival, Identity, Variables } from '../request.ts'

/** One operation of an identified caller; the document is valid against the snapshot's API schema. */
export interface GraphRequest {
  readonly snapshot: SupergraphSnapshot
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variables: Variables
  readonly identity: Identity
  readonly requestId: string
  /** The cursor that a stream goes on after, where the protocol says it and not the operation. */
  readonly after?: string | undefined
  /** How the request came; absent for operations of a socket. */
  readonly arrival?: Arrival | undefined
  /** Ends the work when the client is gone. */
  readonly signal: CancelSignal
  /** Ends `signal`; given where it is this operation's alone, which then needs no other one for its deadline. */
  abort?(reason: unknown): void
}
