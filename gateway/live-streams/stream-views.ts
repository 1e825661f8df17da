import { createCaller } from '../../kit/caller.ts'
import type { SupergraphSnapshot } from '../plan/supergraph-snapshot.ts'
import type { PreparedOperation, PreparedStream } from '../pipeline/prepare-operation.ts'
import type { Identity, Variables } from '../request.ts'
import { type StreamSourceDependencies, createStreamSource } from './stream-source.ts'
import type { EventSource } from '../streams/hub/event-source.ts'

/** A subscription as a caller sees it. */
export interface SeenStream {
  readonly snapshot: SupergraphSnapshot
  readonly prepared: PreparedOperation
  readonly stream: PreparedStream
  readonly identity: Identity
  readonly variables: Variables
  readonly requestId: string
}

/** What is shared by all who are told the same. */
export interface StreamView {
  readonly key: string
  readonly source: EventSource
}

/** In place of the credential that differs between readers of one view. */
const noCredential = 'shared-stream'

/**
 * Finds what subscriptions have in common. A view is the supergraph, the question without the reader's own `after` and
 * `mode`, and the caller without the credential: so it is never shared by two apps, organizations or end users.
 */
export function createStreamViews(dependencies: StreamSourceDependencies): (seen: SeenStream) => StreamView {
  const ids = new WeakMap<SupergraphSnapshot, number>()
  let snapshots = 0
  return ({ snapshot, prepared, stream, identity, variables, requestId }) => {
    const id = ids.get(snapshot) ?? (snapshots += 1)
    ids.set(snapshot, id)
    const caller = createCaller({ ...identity.caller, credentialId: noCredential })
    const values = stream.streamed.variables.map((name) => variables[name] ?? null)
    return {
      key: JSON.stringify([id, stream.text, values, caller]),
      source: createStreamSource(dependencies, { prepared, stream, identity: { caller }, variables, requestId }),
    }
  }
}
