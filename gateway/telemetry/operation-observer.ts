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
  const stageSeconds = new Map(stages.map((stage) => [stage, metrics.stageSeconds.durations({ stage })]))

  const known = new Map<string, { readonly tally: Tally; readonly durations: Durations }>()
  const seriesOf = (type: string, outcome: string) => {
    const key = `${type} ${outcome}`
    const series = known.get(key) ?? {
      tally: metrics.operations.tally({ type, outcome }),
      durations: metrics.operationSeconds.durations({ type }),
    }
    known.set(key, series)
    return series
  }

  return ({ requestId, identity, arrival }) => {
    const begun = performance.now()
    const origin = arrival?.arrivedMs ?? begun
    let last = origin
    const took: Partial<Record<Stage, number>> = {}
    const fetches: ObservedFetch[] = []
    const { operator } = identity.caller
    const wantsTiming = arrival?.timing === true
    const wantsPlan = operator && arrival?.plan === true
    const span = tracer && startSpan(tracer, { requestId, identity, traceparent: arrival?.traceparent, begun: origin })
    const traced = span?.isRecording() === true
    // Most operations are counted only; what their calls cost is in the metrics of subgraphs.
    const looksAtCalls = traced || wantsPlan || (wantsTiming && operator)

    const reached = (stage: Stage): void => {
      const now = performance.now()
      took[stage] = (took[stage] ?? 0) + now - last
      stageSeconds.get(stage)?.observe((now - last) / 1000)
      last = now
    }
    if (arrival) reached('identity')

    const call = async <Result>(subgraph: string, make: (traceparent: string | undefined) => Promise<Result>) => {
      const from = performance.now()
      const child = traced && span ? startFetch(span, tracer, subgraph) : null
      let failure: string | null = null
      try {
        return await make(child ? traceparentOf(child) : undefined)
      } catch (error) {
        failure = isCodedError(error) ? error.code : 'INTERNAL'
        throw error
      } finally {
        fetches.push({ subgraph, startMs: from - origin, durationMs: performance.now() - from, failure })
        if (child) endSpan(child, failure)
      }
    }

    return {
      reached,
      fetches,
      wantsPlan,
      tookMs: () => performance.now() - origin,
      observed: (subgraph, transport) =>
        looksAtCalls
          ? {
              ...transport,
              execute: (request) => call(subgraph, (traceparent) => transport.execute({ ...request, traceparent })),
            }
          : transport,
      get serverTiming() {
        return wantsTiming ? serverTiming({ stages: took, fetches }, operator) : null
      },
      end({ type, name, errors, refused, points }) {
        const code = errors[0]?.extensions['code']
        const outcome = errors.length === 0 ? 'ok' : refused && typeof code === 'string' ? code : 'partial'
        const { tally, durations } = seriesOf(type, outcome)
        tally.count += 1
        durations.observe((performance.now() - origin) / 1000)
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
