import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { describe, expect, it } from 'vitest'
import { createCallWindow } from '../../gateway/telemetry/call-window.ts'
import { createMetrics } from '../../gateway/telemetry/metrics.ts'
import { observedTransport } from '../../gateway/telemetry/observed-transport.ts'
import { createOperationObserver } from '../../gateway/telemetry/operation-observer.ts'
import { serverTiming } from '../../gateway/telemetry/server-timing.ts'
import { CodedError } from '../../kit/errors.ts'
import { generousLimits, testCaller } from './mini-graph.ts'

const arrival = { arrivedMs: performance.now(), traceparent: undefined, timing: true, plan: false, fresh: false }
const operation = { requestId: 'request-1', identity: { caller: testCaller(), limits: generousLimits }, arrival }
const byOperator = { ...operation, identity: { caller: testCaller({ operator: true }), limits: generousLimits } }
const answer = { type: 'query', name: 'Home', errors: [], refused: false, points: 7 }

async function valuesOf(metrics: ReturnType<typeof createMetrics>, name: string) {
  const metric = await metrics.registry.getSingleMetric(name)?.get()
  const values = metric?.values ?? []
  return values.map(({ labels, value }): Record<string, unknown> => ({ ...labels, value }))
}

describe('the observer of operations', () => {
  it('counts each operation once, by its outcome', async () => {
    const metrics = createMetrics()
    const observe = createOperationObserver(metrics, null)
    const denied = new CodedError('FORBIDDEN', 'no')
    const throttled = new CodedError('THROTTLED', 'later')
    observe(operation).end(answer)
    observe(operation).end({ ...answer, errors: [denied] })
    observe(operation).end({ ...answer, errors: [throttled], refused: true, points: 0 })
    expect(await valuesOf(metrics, 'tributary_operations_total')).toEqual([
      { type: 'query', outcome: 'ok', value: 1 },
      { type: 'query', outcome: 'partial', value: 1 },
      { type: 'query', outcome: 'THROTTLED', value: 1 },
    ])
    expect(await valuesOf(metrics, 'tributary_points_total')).toEqual([{ value: 14 }])
  })

  it('times each stage from the end of the one before', async () => {
    const metrics = createMetrics()
    const observation = createOperationObserver(metrics, null)(operation)
    for (const stage of ['prepare', 'charge', 'fetch', 'answer'] as const) observation.reached(stage)
    expect(observation.serverTiming?.replaceAll(/[\d.]+/g, '0')).toBe(
      'identity;dur=0, prepare;dur=0, charge;dur=0, fetch;dur=0, answer;dur=0',
    )
    const counts = await valuesOf(metrics, 'tributary_stage_duration_seconds')
    const infinite = counts.filter((count) => count['le'] === '+Inf').map((count) => [count['stage'], count['value']])
    expect(Object.fromEntries(infinite)).toEqual({ identity: 1, prepare: 1, charge: 1, fetch: 1, answer: 1 })
  })

  it('notes each fetch and its failure, and passes answers and errors on', async () => {
    const observation = createOperationObserver(createMetrics(), null)(byOperator)
    const gone = new CodedError('SUBGRAPH_UNAVAILABLE', 'gone')
    const catalog = observation.observed('catalog', { execute: (_request: object) => Promise.resolve('answer') })
    const billing = observation.observed('billing', {
      execute: (_request: object): Promise<string> => Promise.reject(gone),
    })
    expect(await catalog.execute({})).toBe('answer')
    await expect(billing.execute({})).rejects.toBe(gone)
    expect(observation.fetches).toMatchObject([
      { subgraph: 'catalog', failure: null },
      { subgraph: 'billing', failure: 'SUBGRAPH_UNAVAILABLE' },
    ])
  })
})

describe('a traced operation', () => {
  const theirs = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`

  it('is one span with a span for each call below it, which the subgraph continues; the client is only linked', async () => {
    const exporter = new InMemorySpanExporter()
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    const observe = createOperationObserver(createMetrics(), provider.getTracer('test'))
    const observation = observe({ ...operation, arrival: { ...arrival, traceparent: theirs } })
    const told: unknown[] = []
    const transport = {
      execute: (request: { traceparent?: string }) => Promise.resolve(told.push(request.traceparent)),
    }
    await observation.observed('catalog', transport).execute({})
    observation.end(answer)
    const [fetched, whole] = exporter.getFinishedSpans()
    expect(whole).toMatchObject({
      name: 'query Home',
      links: [{ context: { traceId: 'a'.repeat(32) } }],
      attributes: { 'tributary.request.id': 'request-1', 'tributary.cost.points': 7 },
    })
    expect(whole?.spanContext().traceId).not.toBe('a'.repeat(32))
    expect(fetched).toMatchObject({ name: 'fetch catalog', parentSpanContext: { spanId: whole?.spanContext().spanId } })
    expect(told).toEqual([`00-${whole?.spanContext().traceId}-${fetched?.spanContext().spanId}-01`])
  })
})

describe('a Server-Timing header', () => {
  const timing = { stages: { identity: 0.1234, fetch: 12 }, fetches: [{ subgraph: 'billing', durationMs: 11 }] }

  it('names stages to partners, and no subgraph', () => {
    expect(serverTiming(timing, false)).toBe('identity;dur=0.123, fetch;dur=12.000')
  })

  it('names subgraphs to the operator', () => {
    expect(serverTiming(timing, true)).toBe('identity;dur=0.123, fetch;dur=12.000, subgraph;desc="billing";dur=11.000')
  })
})

describe('an observed transport', () => {
  it('counts calls by outcome and those that are under way', async () => {
    const metrics = createMetrics()
    const calls = createCallWindow(() => 0)
    metrics.showRunningCalls(new Map([['catalog', calls]]))
    const answers = [{ data: {} }, new CodedError('SUBGRAPH_TIMEOUT', 'late'), new Error('a bug')]
    const transport = observedTransport(
      {
        execute: async (_request: object) => {
          expect(await valuesOf(metrics, 'tributary_subgraph_calls_running')).toEqual([
            { subgraph: 'catalog', value: 1 },
          ])
          const next = answers.shift() ?? {}
          if (next instanceof Error) throw next
          return next
        },
        close: () => 'closed',
      },
      { name: 'catalog', metrics, calls },
    )
    expect(await transport.execute({})).toEqual({ data: {} })
    await expect(transport.execute({})).rejects.toMatchObject({ code: 'SUBGRAPH_TIMEOUT' })
    await expect(transport.execute({})).rejects.toThrow('a bug')
    expect(await valuesOf(metrics, 'tributary_subgraph_calls_total')).toEqual([
      { subgraph: 'catalog', outcome: 'ok', value: 1 },
      { subgraph: 'catalog', outcome: 'SUBGRAPH_TIMEOUT', value: 1 },
      { subgraph: 'catalog', outcome: 'INTERNAL', value: 1 },
    ])
    expect(await valuesOf(metrics, 'tributary_subgraph_calls_running')).toEqual([{ subgraph: 'catalog', value: 0 }])
    expect(calls.read()).toMatchObject({ total: 3, running: 0, errors: { SUBGRAPH_TIMEOUT: 1, INTERNAL: 1 } })
    expect(transport.close()).toBe('closed')
  })
})
