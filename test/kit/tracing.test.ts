import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { traced } from '../../kit/traced-subgraph.ts'
import { endSpan, openTracing, spanContextOf, traceparentOf } from '../../kit/tracing.ts'
import { testCaller } from '../gateway/mini-graph.ts'

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close()
})

/** A receiver of OTLP over HTTP that keeps what it gets. */
async function receiver() {
  const batches: { path: string; body: unknown }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      batches.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString()) as unknown })
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.push(() => server.close())
  return { batches, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const options = { service: 'gateway', version: '1.2.3', share: 1 }

describe('tracing', () => {
  it('does not exist where spans go nowhere', async () => {
    expect(await openTracing({ ...options, endpoint: null })).toBeNull()
  })

  it('sends spans with their outcome to an OTLP receiver when it is closed', async () => {
    const { batches, endpoint } = await receiver()
    const tracing = await openTracing({ ...options, endpoint })
    const span = tracing?.tracer.startSpan('query Home')
    if (!tracing || !span) throw new Error('no span')
    endSpan(span, 'SUBGRAPH_TIMEOUT')
    await tracing.close()
    expect(batches).toMatchObject([
      {
        path: '/v1/traces',
        body: {
          resourceSpans: [
            {
              resource: {
                attributes: expect.arrayContaining([{ key: 'service.name', value: { stringValue: 'gateway' } }]),
              },
              scopeSpans: [
                {
                  spans: [
                    {
                      name: 'query Home',
                      traceId: span.spanContext().traceId,
                      attributes: [{ key: 'error.type', value: { stringValue: 'SUBGRAPH_TIMEOUT' } }],
                    },
                  ],
                },
              ],
            },
          ],
        },
      },
    ])
  })

  it('records no more than its share', async () => {
    const { batches, endpoint } = await receiver()
    const tracing = await openTracing({ ...options, endpoint, share: 0 })
    const span = tracing?.tracer.startSpan('query Home')
    expect(span?.isRecording()).toBe(false)
    span?.end()
    await tracing?.close()
    expect(batches).toEqual([])
  })
})

describe('a traced operation of a subgraph', () => {
  const operation = { query: '{ text }', caller: testCaller(), requestId: 'request-1' }

  it('continues the trace of the gateway, with its outcome', async () => {
    const { batches, endpoint } = await receiver()
    const tracing = await openTracing({ ...options, endpoint })
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const failed = { errors: [{ message: 'no', extensions: { code: 'NOT_FOUND' } }] }
    const answer = await traced(tracing?.tracer ?? null, { ...operation, traceparent }, (asked) => {
      expect(asked).toEqual(operation)
      return Promise.resolve(failed)
    })
    expect(answer).toBe(failed)
    await tracing?.close()
    const span = {
      traceId: 'a'.repeat(32),
      parentSpanId: 'b'.repeat(16),
      attributes: expect.arrayContaining([{ key: 'error.type', value: { stringValue: 'NOT_FOUND' } }]),
    }
    expect(batches).toMatchObject([{ body: { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] } }])
  })

  it.each([
    ['comes without a trace', undefined],
    ['is not recorded at the gateway', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`],
  ])('is not recorded when it %s', async (_name, traceparent) => {
    const { batches, endpoint } = await receiver()
    const tracing = await openTracing({ ...options, endpoint })
    await traced(tracing?.tracer ?? null, { ...operation, traceparent }, () => Promise.resolve({ data: {} }))
    await tracing?.close()
    expect(batches).toEqual([])
  })
})

describe('a traceparent header', () => {
  const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, isRemote: true }

  it('is read and written as the W3C says', async () => {
    const { endpoint } = await receiver()
    const tracing = await openTracing({ ...options, endpoint })
    opened.push(() => tracing?.close())
    const span = tracing?.tracer.startSpan('fetch')
    if (!span) throw new Error('no span')
    const { traceId, spanId } = span.spanContext()
    expect(traceparentOf(span)).toBe(`00-${traceId}-${spanId}-01`)
    expect(spanContextOf(traceparentOf(span))).toEqual({ traceId, spanId, traceFlags: 1, isRemote: true })
    expect(spanContextOf(`00-${context.traceId}-${context.spanId}-ff`)).toEqual(context)
  })

  it.each([
    ['nothing', undefined],
    ['two headers', ['a', 'b']],
    ['another version', `01-${context.traceId}-${context.spanId}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${context.spanId}-01`],
    ['a span of zeros', `00-${context.traceId}-${'0'.repeat(16)}-01`],
    ['capital letters', `00-${context.traceId.toUpperCase()}-${context.spanId}-01`],
    ['more after it', `00-${context.traceId}-${context.spanId}-01-x`],
  ])('is ignored when it is %s', (_name, header) => {
    expect(spanContextOf(header)).toBeUndefined()
  })
})
