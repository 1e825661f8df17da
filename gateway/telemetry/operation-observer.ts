import { type Span, type Tracer, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import { isCodedError } from '../../kit/errors.ts'
import { endSpan, spanContextOf, traceparentOf } from '../../kit/tracing.ts'
import type { Identity } from '../request.ts'
import type { Metrics } from './metrics.ts'
import { serverTiming } from './server-timing.ts'

/** The stages of an operation in the order of the pipeline; each is timed from the end of the one before. */
export const stages = ['identity', 'prepare', 'charge', 'fetch', 'answer'] as const
export type Stage = (typeof stages)[number]

/** What the front knows of an operation besides the operation. */
export interface Arrival {
  readonly requestId: string
  readonly identity: Identity
  /** `performance.now()` when the request came, before who calls was looked up; absent for events of a stream. */
  readonly arrivedMs?: number | undefined
  /** The client's `traceparent` header. It becomes a link: an outsider decides nothing of what is recorded here. */
  readonly traceparent?: string | undefined
}

/** One fetch as the operator sees it beside the plan. */
export interface ObservedFetch {
  readonly subgraph: string
  readonly startMs: number
  readonly durationMs: number
  readonly failure: string | null
}

/** Follows one operation through the pipeline. */
export interface Observation {
  /** Ends the stage that is running. */
  reached(stage: Stage): void
  /** Times a call to a subgraph; `call` gets the `traceparent` that the subgraph continues, if there is one. */
  fetch<Result>(subgraph: string, call: (traceparent: string | undefined) => Promise<Result>): Promise<Result>
  /** Ends the operation. */
  end(answer: ObservedAnswer): void
  /** Milliseconds of each stage so far and of each fetch. */
  readonly timing: () => {
    readonly stages: Readonly<Partial<Record<Stage, number>>>
    readonly fetches: readonly ObservedFetch[]
  }
  /** The value of a Server-Timing header: stages for whoever asks, subgraphs for the operator only. */
  readonly serverTiming: () => string
}

export interface ObservedAnswer {
  readonly type: string
  readonly name: string | undefined
  readonly errors: readonly { readonly extensions: Readonly<Record<string, unknown>> }[]
  readonly refused: boolean
  readonly points: number
}

export type OperationObserver = (arrival: Arrival) => Observation

/** Metrics of every operation, and spans of those that are sampled where a tracer is given. */
export function createOperationObserver(metrics: Metrics, tracer: Tracer | null): OperationObserver {
  const stageSeconds = new Map(stages.map((stage) => [stage, metrics.stageSeconds.labels(stage)]))

  return ({ requestId, identity, arrivedMs, traceparent }) => {
    const begun = performance.now()
    let last = arrivedMs ?? begun
    const origin = last
    const took: Partial<Record<Stage, number>> = {}
    const fetches: ObservedFetch[] = []
    const span = tracer && startSpan(tracer, { requestId, identity, traceparent, begun: last })

    const reached = (stage: Stage): void => {
      const now = performance.now()
      took[stage] = (took[stage] ?? 0) + now - last
      stageSeconds.get(stage)?.observe((now - last) / 1000)
      last = now
    }
    if (arrivedMs !== undefined) reached('identity')
    const timing = () => ({ stages: took, fetches })

    return {
      reached,
      timing,
      serverTiming: () => serverTiming(timing(), identity.caller.operator),
      async fetch(subgraph, call) {
        const from = performance.now()
        const child = span?.isRecording() ? startFetch(span, tracer, subgraph) : null
        let failure: string | null = null
        try {
          return await call(child ? traceparentOf(child) : undefined)
        } catch (error) {
          failure = isCodedError(error) ? error.code : 'INTERNAL'
          throw error
        } finally {
          fetches.push({ subgraph, startMs: from - origin, durationMs: performance.now() - from, failure })
          if (child) endSpan(child, failure)
        }
      },
      end({ type, name, errors, refused, points }) {
        const code = errors[0]?.extensions['code']
        const outcome = errors.length === 0 ? 'ok' : refused && typeof code === 'string' ? code : 'partial'
        metrics.operations.labels(type, outcome).inc()
        metrics.operationSeconds.labels(type).observe((performance.now() - origin) / 1000)
        if (points > 0) metrics.points.inc(points)
        if (!span) return
        span.updateName(name === undefined ? type : `${type} ${name}`)
        span.setAttributes({ 'graphql.operation.type': type, 'tributary.cost.points': points })
        if (name !== undefined) span.setAttribute('graphql.operation.name', name)
        endSpan(span, outcome === 'ok' || outcome === 'partial' ? null : outcome)
      },
    }
  }
}

function startSpan(
  tracer: Tracer,
  from: Pick<Arrival, 'requestId' | 'identity' | 'traceparent'> & { readonly begun: number },
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
