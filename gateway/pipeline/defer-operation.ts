import type { Logger } from '../../kit/log.ts'
import { withDeadline } from '../../kit/with-deadline.ts'
import { type Beginning, type Read, noticesOf } from './begin-operation.ts'
import type { Charge, LimitReading } from '../cost/charge.ts'
import { AnswerParts } from '../engine/answer-parts.ts'
import { GraphAnswer } from './graph-answer.ts'
import type { GraphRequest } from './graph-request.ts'
import { denialError } from '../policy/filter-operation.ts'
import type { DeferredOperation } from './prepare-deferred.ts'
import { startRun } from './run-operation.ts'
import type { Observation, OperationObserver } from '../telemetry/operation-observer.ts'
import type { Transport } from '../transport/transport.ts'

/** Where the parts of an answer go; those that come when the client is gone are lost. */
export interface PartSink {
  /** Sends one payload. The first comes with how the limits stood that the operation had to pass. */
  send(payload: string, limits: readonly LimitReading[]): void
}

export interface DeferDependencies extends Pick<Beginning, 'read' | 'charge' | 'ended' | 'refuse'> {
  readonly transports: ReadonlyMap<string, Transport>
  readonly observe: OperationObserver
  readonly log: Logger
  readonly deadlineMs: number
  /** Answers an operation whole. */
  readonly execute: (request: GraphRequest) => Promise<GraphAnswer>
}

/**
 * Answers an operation in parts, where anything of it is deferred; it is charged once before and settled once after.
 * Null when all parts are sent, else the whole answer.
 */
export function createDeferring(
  dependencies: DeferDependencies,
): (request: GraphRequest, sink: PartSink) => Promise<GraphAnswer | null> {
  const { read, charge, ended, refuse, execute } = dependencies

  const deferredIn = (request: GraphRequest): { known: Read; deferred: DeferredOperation } | null => {
    let known: Read
    try {
      known = read(request, 'answer')
    } catch {
      // What is wrong with it is told by whoever answers it whole.
      return null
    }
    const deferred = known.prepared.deferred?.(known.variables) ?? null
    return deferred && { known, deferred }
  }

  return async (request, sink) => {
    const found = deferredIn(request)
    if (found === null) return execute(request)
    const { known, deferred } = found
    const { prepared } = known
    const watch = dependencies.observe(request)
    watch.reached('prepare')
    let charged: Charge
    try {
      charged = await charge(request, known, 'request')
      watch.reached('charge')
    } catch (error) {
      return refuse(request, error, { calls: 0, points: 0, prepared, watch })
    }
    let sent = false
    const send = (payload: string): void => {
      sent = true
      if (!request.signal.aborted) sink.send(payload, charged.readings)
    }
    try {
      const { parts, fetched } = await runParts(request, { known, deferred, watch, send }, dependencies)
      const unfinished = request.signal.aborted || parts.errors.some(({ code }) => code === 'SUBGRAPH_TIMEOUT')
      const { cost, points } = await charged.settle(unfinished ? undefined : fetched)
      watch.reached('answer')
      const queryPlan = watch.wantsPlan ? { text: deferred.printedPlan(), calls: watch.fetches } : null
      const extensions = { cost, ...noticesOf(prepared), ...(queryPlan ? { queryPlan } : {}) }
      send(JSON.stringify({ hasNext: false, extensions }))
      const { dataText, errors } = parts
      ended(request, new GraphAnswer({ dataText, errors, extensions }), { calls: 1, points, prepared, watch })
      return null
    } catch (error) {
      const { points } = await charged.settle()
      const refused = refuse(request, error, { calls: 1, points, prepared, watch })
      if (!sent) return refused
      send(JSON.stringify({ hasNext: false, errors: refused.errors }))
      return null
    }
  }
}

async function runParts(
  request: GraphRequest,
  operation: {
    readonly known: Read
    readonly deferred: DeferredOperation
    readonly watch: Observation
    readonly send: (payload: string) => void
  },
  dependencies: DeferDependencies,
): Promise<{ readonly parts: AnswerParts; readonly fetched: object }> {
  const { known, deferred, watch, send } = operation
  const { variables } = known
  const plan = deferred.plan()
  const parts = new AnswerParts({
    selection: deferred.selection,
    labels: deferred.labels,
    awaited: plan.labels,
    variables,
    denials: deferred.denials.map(({ denial, first }) => ({ error: denialError(denial), first })),
  })
  return withDeadline(request.signal, dependencies.deadlineMs, async (signal) => {
    const { identity, requestId } = request
    const run = startRun({ identity, variables, requestId, signal }, dependencies, (subgraph, transport) =>
      watch.observed(subgraph, transport),
    )
    await plan.run(run, (label, part) => {
      for (const payload of parts.fetched(label, part)) send(`${payload},"hasNext":true}`)
    })
    watch.reached('fetch')
    return { parts, fetched: run.data }
  })
}
