import { createCaller } from '../../kit/caller.ts'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import type { Read } from '../pipeline/begin-operation.ts'
import type { EventCharges } from '../cost/event-charges.ts'
import type { GraphRequest } from '../pipeline/graph-request.ts'
import type { OperationCoordinates } from '../operation/operation-coordinates.ts'
import { describeSchemaParts } from '../operation/schema-parts.ts'
import type { SupergraphSnapshot } from '../plan/supergraph-snapshot.ts'
import { denialError } from '../policy/filter-operation.ts'
import type { PrepareOperation } from '../pipeline/prepare-operation.ts'
import type { Identity } from '../request.ts'
import type { SeenStream, StreamView } from './stream-views.ts'
import type { Hub } from '../streams/hub/hub.ts'
import type { HubReader, StreamPlace } from '../streams/hub/hub-reader.ts'
import { SourceRefused } from '../streams/hub/source-refused.ts'
import type { OpenStream } from '../streams/stream-reader.ts'

/** An open stream as what happens to its caller and to the supergraph changes it. */
export interface StreamLife {
  adopt(snapshot: SupergraphSnapshot): void
}

interface LifeDependencies {
  readonly prepare: PrepareOperation
  readonly hub: Hub
  readonly views: (seen: SeenStream) => StreamView
  readonly charges: EventCharges
  readonly lives: Set<StreamLife>
  readonly log: Logger
}

/**
 * Opens a stream, and follows its caller and the supergraph until it ends. The caller may come to see less, never more
 * than when it was opened: then the reader goes on in another view, after the last event that it was sent.
 */
export async function beginStreamLife(
  { prepare, hub, views, charges, lives, log }: LifeDependencies,
  opened: {
    readonly request: GraphRequest
    readonly known: Read
    readonly place: { readonly start: StreamPlace; readonly newest: number | null }
    /** Frees what the stream holds of the plan's limits. */
    readonly free: () => void
  },
): Promise<OpenStream> {
  const { request, known, place, free } = opened
  const { document, operationName, requestId, signal } = request
  const { live } = request.identity
  const { variables } = known
  const first = known.prepared.stream()
  if (first === null) throw new Error('a stream was begun without anything to stream')

  let seen: SeenStream = { ...request, prepared: known.prepared, stream: first, variables, requestId }
  let view = views(seen)
  let newest = place.newest
  let reader: HubReader | undefined
  let moves = 0

  const onUnpaid = (refusal: CodedError): void => reader?.end(refusal)
  const billOf = ({ prepared, identity, snapshot: { edition } }: SeenStream, key: string) =>
    charges.bill(key, { identity, uses: prepared.uses, edition, onUnpaid })
  let billed = billOf(seen, view.key)

  const life: StreamLife = { adopt }
  const stopListening = live?.listen(look)
  const onAbort = (): void => reader?.close()
  const onEnd = (): void => {
    stopListening?.()
    signal.removeEventListener('abort', onAbort)
    lives.delete(life)
    billed.release()
    free()
  }
  try {
    const mode = first.streamed.mode(variables)
    reader = await hub.join({ ...view, ...place, bill: billed.bill }, { mode, onEnd })
  } catch (error) {
    stopListening?.()
    billed.release()
    throw error
  }
  newest = null
  // The gateway may have begun to close meanwhile.
  if (reader.isOver) return reader
  lives.add(life)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) reader.close()
  look()
  return reader

  /** Compares the caller with the one that the stream is told as. */
  function look(): void {
    if (reader === undefined || reader.isOver) return
    if (live?.ended) return reader.end(live.ended)
    if (live === undefined) return
    const identity = narrowed(request.identity, live.current)
    if (sameView(identity, seen.identity)) return
    see(seen.snapshot, identity)
  }

  function adopt(adopted: SupergraphSnapshot): void {
    if (reader === undefined) return
    const { edition } = seen.snapshot
    // A stream of a contract goes on in that contract, or not at all.
    const snapshot = edition === null ? adopted : adopted.narrowedTo(edition)
    if (snapshot === null) return reader.end(schemaChanged())
    if (snapshot === seen.snapshot) return
    const { uses } = seen.prepared
    const before = partsOf(seen.snapshot, uses)
    if (before === null || before !== partsOf(snapshot, uses)) {
      return reader.end(schemaChanged())
    }
    // One that cannot be gone on with stays as it is, with the plan that it has.
    if (seen.stream.streamed.afterVariable === null) return
    try {
      see(snapshot, seen.identity)
    } catch (error) {
      log.warn({ err: error, requestId }, 'a stream could not be planned on a new supergraph')
      reader.end(schemaChanged())
    }
  }

  /** Goes on as another caller or on another supergraph. */
  function see(snapshot: SupergraphSnapshot, identity: Identity): void {
    if (reader === undefined) return
    const prepared = prepare(snapshot, document, { operationName, caller: identity.caller })
    const stream = prepared.stream()
    if (stream === null) {
      const [denial] = prepared.denials
      return reader.end(denial ? denialError(denial) : new CodedError('FORBIDDEN', 'Your app may not follow this.'))
    }
    seen = { ...seen, snapshot, prepared, stream, identity }
    const former = view
    view = views(seen)
    billed.release()
    billed = billOf(seen, view.key)
    if (view.key !== former.key) void move(reader)
  }

  async function move(moved: HubReader): Promise<void> {
    const own = (moves += 1)
    try {
      await hub.move(moved, { ...view, newest, bill: billed.bill })
    } catch (error) {
      // A later move has its own fate.
      if (own === moves) moved.end(reasonOf(error))
    }
  }
}

/** The parts that a stream uses, as its clients see them. */
function partsOf({ edition, apiSchema, supergraphSchema }: SupergraphSnapshot, uses: OperationCoordinates) {
  return describeSchemaParts(edition === null ? supergraphSchema : apiSchema, uses)
}

/** Never more than the stream was opened with. */
function narrowed(opened: Identity, now: Identity): Identity {
  const scopes = new Set(opened.caller.scopes)
  const caller = createCaller({ ...now.caller, scopes: now.caller.scopes.filter((scope) => scopes.has(scope)) })
  return { ...opened, caller, limits: now.limits }
}

function sameView({ caller, limits }: Identity, other: Identity): boolean {
  return JSON.stringify(caller) === JSON.stringify(other.caller) && limits === other.limits
}

function schemaChanged(): CodedError {
  return new CodedError('SCHEMA_CHANGED', 'What the stream tells of has changed in the schema: subscribe anew.')
}

function reasonOf(error: unknown): CodedError {
  if (error instanceof SourceRefused) return error.reason
  return isCodedError(error) ? error : new CodedError('INTERNAL', 'The stream was interrupted; subscribe again.')
}
