import type { EventCursors } from '../../kit/event-cursor.ts'
import { type BeginDependencies, type Read, createBeginning } from '../pipeline/begin-operation.ts'
import type { Charge } from '../cost/charge.ts'
import { createEventCharges } from '../cost/event-charges.ts'
import { GraphAnswer } from '../pipeline/graph-answer.ts'
import type { GraphRequest } from '../pipeline/graph-request.ts'
import { createNewestEvent } from './newest-event.ts'
import type { SupergraphSnapshot } from '../plan/supergraph-snapshot.ts'
import type { PrepareOperation, PreparedOperation } from '../pipeline/prepare-operation.ts'
import { refusal } from '../pipeline/refuse-operation.ts'
import { finishRun, startRun } from '../pipeline/run-operation.ts'
import { type StreamLife, beginStreamLife } from './stream-life.ts'
import type { StreamSourceDependencies } from './stream-source.ts'
import { createStreamViews } from './stream-views.ts'
import { createHub } from '../streams/hub/hub.ts'
import { type HubSettings, defaultHubSettings } from '../streams/hub/hub-settings.ts'
import { SourceRefused } from '../streams/hub/source-refused.ts'
import { serverClosing } from '../streams/server-closing.ts'
import type { OpenStream } from '../streams/stream-reader.ts'
import type { OperationObserver } from '../telemetry/operation-observer.ts'
import type { TransportResult } from '../transport/transport.ts'
import { usageOfEvents } from '../pipeline/usage-of-operation.ts'

export interface LiveStreamsDependencies
  extends BeginDependencies, Pick<StreamSourceDependencies, 'transports' | 'deadlineMs'> {
  readonly observe: OperationObserver
  readonly prepare: PrepareOperation
  readonly cursors: EventCursors | null
  readonly newestEvent: () => Promise<string | null>
  readonly streams?: Partial<HubSettings> | undefined
}

/** Subscriptions from their opening to their end. */
export interface LiveStreams {
  subscribe(request: GraphRequest): Promise<GraphAnswer | OpenStream>
  adopt(snapshot: SupergraphSnapshot): void
  /** Subscriptions that are open now. */
  count(): number
  close(): Promise<void>
}

/**
 * The streaming half of the pipeline: the same stages as for an answer, and then an upstream of the hub, which is shared
 * by all who are told the same.
 */
export function createLiveStreams(dependencies: LiveStreamsDependencies): LiveStreams {
  const { observe, usage, limiter, now, log, cursors } = dependencies
  const { read, charge, ended, refuse } = createBeginning(dependencies)
  const hub = createHub({ settings: { ...defaultHubSettings, ...dependencies.streams }, log, nowMs })
  const views = createStreamViews({ ...dependencies, nowMs })
  const charges = createEventCharges({
    limiter,
    now,
    log,
    sent: (identity, streamed, sent) => usage.record(usageOfEvents(identity, streamed, sent)),
  })
  const newestEvent = createNewestEvent(() =>
    dependencies.newestEvent().catch((error: unknown) => {
      log.warn({ err: error }, 'nobody knows where the event log stands; a stream begins without it')
      return null
    }),
  )
  const lives = new Set<StreamLife>()

  /** Where a reader begins: at its cursor, or where the log stands now. */
  const placeOf = async (request: GraphRequest, { prepared, variables }: Read) => {
    const { streamed } = prepared.stream() ?? {}
    const unknown = { start: { cursor: null, position: null }, newest: null }
    if (!streamed || streamed.afterVariable === null || cursors === null) {
      const after = streamed?.afterVariable == null ? null : (request.after ?? streamed.after(variables))
      return { ...unknown, start: { cursor: after, position: null } }
    }
    const head = await newestEvent()
    const newest = head === null ? null : cursors.decode(head)
    const cursor = request.after ?? streamed.after(variables) ?? head
    const position = cursor === null ? null : cursors.decode(cursor)
    // One that is ahead of the log is for the subgraph to refuse.
    const isKnown = position !== null && newest !== null && position <= newest
    return { start: { cursor, position: isKnown ? position : null }, newest }
  }
  const open = async (request: GraphRequest, known: Read, free: () => void): Promise<OpenStream> => {
    const place = await placeOf(request, known)
    return beginStreamLife({ ...dependencies, hub, views, charges, lives, log }, { request, known, place, free })
  }

  return {
    async subscribe(request) {
      const watch = observe(request)
      let prepared: PreparedOperation | undefined
      let known: Read
      let charged: Charge
      try {
        known = read(request, 'stream')
        prepared = known.prepared
        watch.reached('prepare')
        charges.refuseDebtor(request.identity)
        charged = await charge(request, known, 'stream')
        watch.reached('charge')
      } catch (error) {
        return refuse(request, error, { calls: 0, points: 0, prepared, watch })
      }
      // The whole estimate is kept; settling frees the stream's slot.
      const free = (): void => {
        charged.settle().catch((error: unknown) => log.warn({ err: error }, 'the slot of a stream was not freed'))
      }
      const metered = (answer: GraphAnswer): GraphAnswer =>
        ended(request, answer, { calls: 1, points: charged.estimate, prepared, watch })
      try {
        if (prepared.stream() === null) {
          free()
          return metered(await answerOnce(request, known, { data: {} }))
        }
        const stream = await open(request, known, free)
        metered(new GraphAnswer({ dataText: 'null' }))
        return stream
      } catch (error) {
        free()
        if (error instanceof SourceRefused) {
          return metered(await answerOnce(request, known, error.answer as TransportResult))
        }
        return metered(refusal(error, request, log))
      }
    },
    adopt(snapshot) {
      for (const life of lives) life.adopt(snapshot)
    },
    count: () => lives.size,
    async close() {
      hub.close(serverClosing(null))
      await charges.close()
    },
  }

  /** The answer to a subscription that is not streamed: all of it is denied, or its subgraph has refused it. */
  async function answerOnce(request: GraphRequest, known: Read, source: TransportResult): Promise<GraphAnswer> {
    const { identity, requestId, signal } = request
    const run = startRun({ identity, variables: known.variables, requestId, signal }, dependencies)
    known.prepared.stream()?.plan.primary?.merge(run, source)
    const { dataText, errors } = await finishRun(known, run)
    return new GraphAnswer({ dataText, errors })
  }
}

const nowMs = (): number => performance.now()
