import { OperationTypeNode } from 'graphql'
import type { EventCursors } from '../kit/event-cursor.ts'
import type { Logger } from '../kit/log.ts'
import { answerAboutLimits, withLimits } from './pipeline/answer-limits.ts'
import type { CacheLookup, ResponseCache } from './answers/response-cache.ts'
import { type Begun, type Read, createBeginning, endWatch, noticesOf } from './pipeline/begin-operation.ts'
import type { ChargeDependencies } from './cost/charge.ts'
import type { CostExtension } from './cost/cost-refusal.ts'
import type { DocumentGate } from './cost/document-gate.ts'
import type { UsageRecorder } from './cost/usage-recorder.ts'
import { type PartSink, createDeferring } from './pipeline/defer-operation.ts'
import { GraphAnswer } from './pipeline/graph-answer.ts'
import type { GraphRequest } from './pipeline/graph-request.ts'
import type { SupergraphSnapshot } from './plan/supergraph-snapshot.ts'
import type { CallerSchemas } from './policy/caller-schema.ts'
import {
  type OperationPreparer,
  type PreparedOperation,
  createOperationPreparer,
} from './pipeline/prepare-operation.ts'
import type { Identity } from './request.ts'
import { finishRun, startRun, withinTime } from './pipeline/run-operation.ts'
import { createLiveStreams } from './live-streams/live-streams.ts'
import type { HubSettings } from './streams/hub/hub-settings.ts'
import type { OpenStream } from './streams/stream-reader.ts'
import type { OperationObserver } from './telemetry/operation-observer.ts'
import type { Transport } from './transport/transport.ts'

export interface Pipeline {
  execute(request: GraphRequest): Promise<GraphAnswer>
  /** The same for a client that takes what is deferred in parts; null when it was answered so. */
  executeInParts(request: GraphRequest, sink: PartSink): Promise<GraphAnswer | null>
  subscribe(request: GraphRequest): Promise<GraphAnswer | OpenStream>
  /** Prepares and plans a document of one supergraph on another before anybody asks for it there. */
  readonly carryOver: OperationPreparer['carryOver']
  /** Takes open streams over to another supergraph; those whose parts of it have changed are closed. */
  adopt(snapshot: SupergraphSnapshot): void
  /** Subscriptions that are open now. */
  openStreams(): number
  /** Tells all readers of streams where to go on, and charges what they were sent. */
  closeStreams(): Promise<void>
}

export interface PipelineDependencies extends ChargeDependencies {
  readonly transports: ReadonlyMap<string, Transport>
  readonly documents: Pick<DocumentGate, 'accept'>
  readonly callerSchema: CallerSchemas
  readonly usage: UsageRecorder
  readonly observe: OperationObserver
  readonly responses: ResponseCache
  readonly log: Logger
  /** The longest that the fetches of one operation, or of one event, may take together. */
  readonly deadlineMs: number
  /** Orders the cursors of the event log; null where streams must do without. */
  readonly cursors: EventCursors | null
  /** The cursor behind the newest event of the log; null when nobody knows it now. */
  readonly newestEvent: () => Promise<string | null>
  readonly streams?: Partial<HubSettings> | undefined
}

/**
 * The way of a request through the gateway's stages, after a front has parsed, validated and identified it. The order
 * of the calls below is the data flow; stages know nothing of each other.
 */
export function createPipeline(dependencies: PipelineDependencies): Pipeline {
  const { observe, responses } = dependencies
  const { prepare, carryOver } = createOperationPreparer(dependencies.now)
  const { read, accept, charge, ended, refuse } = createBeginning({ ...dependencies, prepare })
  const streams = createLiveStreams({ ...dependencies, prepare })

  const lookUp = (identity: Identity, { prepared, variables }: Read): CacheLookup | null =>
    prepared.caching && responses.look({ operation: prepared, policy: prepared.caching, variables, identity })
  const pipeline: Pipeline = {
    subscribe: (request) => streams.subscribe(request),
    carryOver,
    adopt: (snapshot) => streams.adopt(snapshot),
    openStreams: () => streams.count(),
    closeStreams: () => streams.close(),
    executeInParts: (request, sink) => inParts(request, sink),

    async execute(request) {
      const watch = observe(request)
      let prepared: PreparedOperation | undefined
      let begun: Begun
      let lookup: CacheLookup | null
      try {
        const known = read(request, 'answer')
        prepared = known.prepared
        watch.reached('prepare')
        const telling = answerAboutLimits(request.identity, known, dependencies)
        if (telling) {
          const told = await telling
          accept(request)
          endWatch(watch, { prepared, answer: told, points: 0 })
          return told
        }
        lookup = watch.wantsPlan || request.arrival?.fresh ? null : lookUp(request.identity, known)
        const { variables, introspected } = known
        const paid = await charge(request, { prepared, variables, kept: lookup?.found }, 'request')
        begun = { prepared, variables, introspected, watch, charge: paid }
        watch.reached('charge')
      } catch (error) {
        return refuse(request, error, { calls: 0, points: 0, prepared, watch })
      }
      if (lookup?.found) {
        const { cost, points, readings } = await begun.charge.settle({})
        const { dataText, maxAgeSeconds } = lookup.found
        const caching = prepared.caching && { ...prepared.caching, maxAgeSeconds }
        const { serverTiming } = watch
        const extensions = extensionsOf(begun, cost)
        const whole = new GraphAnswer({ dataText, extensions, limits: readings, serverTiming, caching })
        return ended(request, whole, { calls: 1, points, prepared, watch })
      }
      try {
        const plan = begun.prepared.plan(begun.variables)
        const answer = await withinTime(request, dependencies.deadlineMs, async (signal) => {
          const { identity, requestId } = request
          const { variables } = begun
          const run = startRun({ identity, variables, requestId, signal }, dependencies, (subgraph, transport) =>
            watch.observed(subgraph, transport),
          )
          await plan?.run(run)
          watch.reached('fetch')
          return finishRun(begun, run)
        })
        const unfinished = request.signal.aborted || answer.errors.some(({ code }) => code === 'SUBGRAPH_TIMEOUT')
        const { cost, points, readings } = await begun.charge.settle(unfinished ? undefined : answer.fetched)
        let { dataText } = answer
        const { rateLimit } = prepared
        if (rateLimit) {
          const { identity } = request
          dataText = await withLimits(dataText, { ...begun, identity, rateLimit }, dependencies)
        }
        watch.reached('answer')
        const { serverTiming } = watch
        const extensions = extensionsOf(begun, cost)
        const caching = unfinished || answer.errors.length > 0 ? null : prepared.caching
        if (caching) lookup?.keep(dataText)
        const { errors } = answer
        const whole = new GraphAnswer({ dataText, errors, extensions, limits: readings, serverTiming, caching })
        return ended(request, whole, { calls: 1, points, prepared, watch })
      } catch (error) {
        const { points } = await begun.charge.settle()
        return refuse(request, error, { calls: 1, points, prepared, watch })
      } finally {
        // Whatever came of it: it may have changed something before it failed.
        if (prepared.operation.operation === OperationTypeNode.MUTATION) responses.forgetAfterMutation(request.identity)
      }
    },
  }
  const inParts = createDeferring({
    ...dependencies,
    read,
    charge,
    ended,
    refuse,
    execute: (request) => pipeline.execute(request),
  })
  return pipeline
}

/** Written out for the most common: a literal with spreads is made slowly. */
function extensionsOf(begun: Begun, cost: CostExtension): Readonly<Record<string, unknown>> {
  const { prepared, watch } = begun
  if (!watch.wantsPlan && !prepared.uses.deprecated) return { cost }
  return { cost, ...noticesOf(prepared), ...(watch.wantsPlan ? { queryPlan: shownPlan(begun) } : {}) }
}

/** The plan as the operator sees it, with what each call took. */
function shownPlan({ prepared, variables, watch }: Begun): object {
  return { text: prepared.printedPlan(variables), calls: watch.fetches }
}
