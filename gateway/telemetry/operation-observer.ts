import { type Span, type Tracer, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import { isCodedError } from '../../kit/errors.ts'
import { endSpan, spanContextOf, traceparentOf } from '../../kit/tracing.ts'
import type { Arrival, Identity } from '../request.ts'
import type { Metrics } from './metrics.ts'
import { serverTiming } from './server-timing.ts'
import type { Durations, Tally } from './tallies.ts'

/** The stages of an operation in the order of the pipeline; each is timed from the end of the one before. */
export const stages = ['identity', 'prepare', 'charge', 'fetch', 'answer'] as const
export type Stage = (typeof stages)[number]

/** The operation that is observed. */
export interface ObservedOperation {
  readonly requestId: string
  readonly identity: Identity
  /** Absent for operations of a socket that was opened long before. */
  readonly arrival?: Arrival | undefined
}

/** One fetch as the operator sees it beside the plan. */
export interface ObservedFetch {
  readonly subgraph: string
  readonly startMs: number
  readonly durationMs: number
  readonly failure: string | null
}

/** What of a transport is observed. */
export interface Callable<Request, Result> {
  execute(request: Request): Promise<Result>
}

/** Follows one operation through the pipeline. */
export interface Observation {
  /** Ends the stage that is running. */
  reached(stage: Stage): void
  /** The same way to a subgraph, with each call timed and traced where somebody looks. */
  observed<Request extends object, Result, Transport extends Callable<Request, Result>>(
    subgraph: string,
    transport: Transport & Callable<Request, Result>,
  ): Transport
  /** Milliseconds since the operation came. */
  tookMs(): number
  /** Ends the operation. */
  end(answer: ObservedAnswer): void
  /** Calls to subgraphs so far; none where nobody looks. */
  readonly fetches: readonly ObservedFetch[]
  /** The value of a Server-Timing header, null where nobody asked for one. */
  readonly serverTiming: string | null
  /** Whether the operator asked for the plan. */
  readonly wantsPlan: boolean
}

export interface ObservedAnswer {
  readonly type: string
  readonly name: string | undefined
  readonly errors: readonly { readonly extensions: Readonly<Record<string, unknown>> }[]
  readonly refused: boolean
  readonly points: number
}

export type OperationObserver = (operation: ObservedOperation) => Observation

/** Metrics of every operation, and spans of those that are sampled where a tracer is given. */
export function createOperationObserver(metrics: Metrics, tracer: Tracer | null): OperationObserver {
  const series: Series = {
    stages: new Map(stages.map((stage) => [stage, metrics.stageSeconds.durations({ stage })])),
    ended: new Map(),
  }
  return (operation) => new ObservedRun(operation, { metrics, tracer, series })
}

/** Series of metrics, looked up once each. */
interface Series {
  readonly stages: ReadonlyMap<Stage, Durations>
  readonly ended: Map<string, { readonly tally: Tally; readonly durations: Durations }>
}

interface Observers {
  readonly metrics: Metrics
  readonly tracer: Tracer | null
  readonly series: Series
}

/** A class, because an object literal with getters has a hidden class of its own each time, and all who use it pay. */
class ObservedRun implements Observation {
  readonly fetches: ObservedFetch[] = []
  readonly wantsPlan: boolean
  readonly #observers: Observers
  readonly #operator: boolean
  readonly #wantsTiming: boolean
  readonly #origin: number
  readonly #span: Span | null
  /** Most operations are counted only; what their calls cost is in the metrics of subgraphs. */
  readonly #looksAtCalls: boolean
  /** Milliseconds of stages, in the order in which they ended; null where nobody wants them. */
  readonly #took: Partial<Record<Stage, number>> | null
  #last: number

  constructor({ requestId, identity, arrival }: ObservedOperation, observers: Observers) {
    const { tracer } = observers
    const begun = performance.now()
    const { operator } = identity.caller
    this.#observers = observers
    this.#operator = operator
    this.#origin = arrival?.arrivedMs ?? begun
    this.#last = this.#origin
    this.#wantsTiming = arrival?.timing === true
    this.#took = this.#wantsTiming ? {} : null
    this.wantsPlan = operator && arrival?.plan === true
    this.#span =
      tracer && startSpan(tracer, { requestId, identity, traceparent: arrival?.traceparent, begun: this.#origin })
    this.#looksAtCalls = this.#span?.isRecording() === true || this.wantsPlan || (this.#wantsTiming && operator)
    if (arrival) this.reached('identity')
  }

  get serverTiming(): string | null {
    return this.#took && serverTiming({ stages: this.#took, fetches: this.fetches }, this.#operator)
  }

  reached(stage: Stage): void {
    const now = performance.now()
    const tookMs = now - this.#last
    if (this.#took) this.#took[stage] = (this.#took[stage] ?? 0) + tookMs
    this.#observers.series.stages.get(stage)?.observe(tookMs / 1000)
    this.#last = now
  }

  tookMs(): number {
    return performance.now() - this.#origin
  }

  observed<Request extends object, Result, Transport extends Callable<Request, Result>>(
    subgraph: string,
    transport: Transport & Callable<Request, Result>,
  ): Transport {
    if (!this.#looksAtCalls) return transport
    return {
      ...transport,
      execute: (request) => this.#call(subgraph, (traceparent) => transport.execute({ ...request, traceparent })),
    }
  }

  async #call<Result>(subgraph: string, make: (traceparent: string | undefined) => Promise<Result>): Promise<Result> {
    const from = performance.now()
    const span = this.#span
    const child = span?.isRecording() ? startFetch(span, this.#observers.tracer, subgraph) : null
    let failure: string | null = null
    try {
      return await make(child ? traceparentOf(child) : undefined)
    } catch (error) {
      failure = isCodedError(error) ? error.code : 'INTERNAL'
      throw error
    } finally {
      const durationMs = performance.now() - from
      this.fetches.push({ subgraph, startMs: from - this.#origin, durationMs, failure })
      if (child) endSpan(child, failure)
    }
  }

  end({ type, name, errors, refused, points }: ObservedAnswer): void {
    const { metrics } = this.#observers
    const code = errors[0]?.extensions['code']
    const outcome = errors.length === 0 ? 'ok' : refused && typeof code === 'string' ? code : 'partial'
    const { tally, durations } = this.#seriesOf(type, outcome)
    tally.count += 1
    durations.observe(this.tookMs() / 1000)
    if (points > 0) metrics.points.inc(points)
    const span = this.#span
    if (!span) return
    span.updateName(name === undefined ? type : `${type} ${name}`)
    span.setAttributes({ 'graphql.operation.type': type, 'tributary.cost.points': points })
    if (name !== undefined) span.setAttribute('graphql.operation.name', name)
    endSpan(span, outcome === 'ok' || outcome === 'partial' ? null : outcome)
  }

  #seriesOf(type: string, outcome: string): { readonly tally: Tally; readonly durations: Durations } {
    const { metrics, series } = this.#observers
    const key = `${type} ${outcome}`
    const known = series.ended.get(key)
    if (known !== undefined) return known
    const found = {
      tally: metrics.operations.tally({ type, outcome }),
      durations: metrics.operationSeconds.durations({ type }),
    }
    series.ended.set(key, found)
    return found
  }
}

function startSpan(
  tracer: Tracer,
  from: Pick<ObservedOperation, 'requestId' | 'identity'> & {
    readonly traceparent: string | undefined
    readonly begun: number
  },
): Span {
  const { requestId, traceparent, begun } = from
  const { caller } = from.identity
  const theirs = spanContextOf(traceparent)
  return tracer.startSpan(
    'operation',
    {
      kind: SpanKind.SERVER,
      startTime: begun,
      links: theirs ? [{ context: theirs }] : [],
      attributes: {
        'tributary.request.id': requestId,
        'tributary.app.id': caller.appId,
        'tributary.organization.id': caller.organizationId,
      },
    },
    ROOT_CONTEXT,
  )
}

function startFetch(parent: Span, tracer: Tracer | null, subgraph: string): Span | null {
  if (tracer === null) return null
  return tracer.startSpan(
    `fetch ${subgraph}`,
    { kind: SpanKind.CLIENT, attributes: { 'tributary.subgraph': subgraph } },
    trace.setSpan(ROOT_CONTEXT, parent),
  )
}
