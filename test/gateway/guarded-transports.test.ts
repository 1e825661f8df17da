import { describe, expect, it } from 'vitest'
import { abortError } from '../../gateway/transport/abort-error.ts'
import { createCircuitBreaker } from '../../gateway/transport/circuit-breaker.ts'
import { guarded } from '../../gateway/transport/guarded-transport.ts'
import { retrying } from '../../gateway/transport/retrying-transport.ts'
import { sharing } from '../../gateway/transport/sharing-transport.ts'
import { subgraphAddress } from '../../gateway/transport/subgraph-address.ts'
import type { Transport, TransportRequest } from '../../gateway/transport/transport.ts'
import { CodedError } from '../../kit/errors.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'
import { testCaller } from './mini-graph.ts'

const request = (fields: Partial<TransportRequest> = {}): TransportRequest => ({
  query: '{ text }',
  variables: {},
  caller: testCaller(),
  requestId: 'request-1',
  signal: new AbortController().signal,
  ...fields,
})

/** A subgraph whose calls wait until the test answers them; calls end with their signal, as real ones do. */
function heldSubgraph() {
  const calls: { request: TransportRequest; answer(result: SubgraphResult): void; fail(error: Error): void }[] = []
  const transport: Transport = {
    execute: (asked) =>
      new Promise((resolve, reject) => {
        calls.push({ request: asked, answer: resolve, fail: reject })
        const onAbort = (): void => reject(abortError('held', asked.signal.reason))
        if (asked.signal.aborted) onAbort()
        asked.signal.addEventListener('abort', onAbort)
      }),
    subscribe: () => Promise.reject(unavailable()),
    close: () => Promise.resolve(),
  }
  return { transport, calls }
}

/** A subgraph that gives its answers one after the other, errors thrown. */
function scriptedSubgraph(answers: readonly (SubgraphResult | Error)[]) {
  let calls = 0
  const transport: Transport = {
    execute: () => {
      const answer = answers[calls++] ?? new Error('asked too often')
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
    subscribe: () => Promise.reject(unavailable()),
    close: () => Promise.resolve(),
  }
  return { transport, calls: () => calls }
}

const unavailable = (): CodedError => new CodedError('SUBGRAPH_UNAVAILABLE', 'gone')
const whole: SubgraphResult = { data: { text: 'whole' } }
const guard = (transport: Transport, options: { running?: number; waiting?: number } = {}) => {
  const breaker = createCircuitBreaker({ nowMs: () => 0 })
  return { breaker, transport: guarded(transport, { name: 'shop', breaker, ...options }) }
}
const code = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'answered',
    (error: unknown) => (error instanceof CodedError ? error.code : error),
  )
/** Lets everything that is due now happen. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a guarded subgraph', () => {
  it('gets so many calls at once and no more; the others wait their turn', async () => {
    const { transport: inner, calls } = heldSubgraph()
    const { transport } = guard(inner, { running: 2 })
    const answers = ['a', 'b', 'c'].map((requestId) => transport.execute(request({ requestId })))
    await settled()
    expect(calls.map((call) => call.request.requestId)).toEqual(['a', 'b'])
    calls[0]?.answer(whole)
    expect(await answers[0]).toEqual(whole)
    await settled()
    expect(calls.map((call) => call.request.requestId)).toEqual(['a', 'b', 'c'])
    for (const call of calls) call.answer(whole)
    expect(await Promise.all(answers)).toEqual([whole, whole, whole])
  })

  it('refuses calls when too many wait, and those are answered that do', async () => {
    const { transport: inner, calls } = heldSubgraph()
    const { transport } = guard(inner, { running: 1, waiting: 1 })
    const [first, second, third] = [1, 2, 3].map(() => transport.execute(request()))
    expect(await code(third ?? Promise.resolve())).toBe('SUBGRAPH_UNAVAILABLE')
    calls[0]?.answer(whole)
    await first
    await settled()
    calls[1]?.answer(whole)
    expect(await second).toEqual(whole)
  })

  it('forgets a call whose client went away while it waited, and passes its turn on', async () => {
    const { transport: inner, calls } = heldSubgraph()
    const { transport } = guard(inner, { running: 1 })
    const client = new AbortController()
    const first = transport.execute(request({ requestId: 'first' }))
    const gone = transport.execute(request({ requestId: 'gone', signal: client.signal }))
    const last = transport.execute(request({ requestId: 'last' }))
    client.abort()
    expect(await code(gone)).toBe('SUBGRAPH_UNAVAILABLE')
    calls[0]?.answer(whole)
    await first
    await settled()
    expect(calls.map((call) => call.request.requestId)).toEqual(['first', 'last'])
    calls[1]?.answer(whole)
    expect(await last).toEqual(whole)
  })

  it('is not called any more once it does not answer, neither for queries nor for streams', async () => {
    const gone = scriptedSubgraph(Array.from({ length: 20 }, unavailable))
    const { transport, breaker } = guard(gone.transport)
    for (let call = 0; call < 20; call++) await code(transport.execute(request()))
    expect(breaker.state).toBe('open')
    expect(await code(transport.execute(request()))).toBe('SUBGRAPH_UNAVAILABLE')
    expect(await code(transport.subscribe(request()))).toBe('SUBGRAPH_UNAVAILABLE')
    expect(gone.calls()).toBe(20)
  })

  it('is not blamed for clients that go away', async () => {
    const { transport: inner } = heldSubgraph()
    const { transport, breaker } = guard(inner)
    for (let call = 0; call < 50; call++) {
      const client = new AbortController()
      const answer = transport.execute(request({ signal: client.signal }))
      client.abort()
      await code(answer)
    }
    expect(breaker.state).toBe('closed')
  })
})

describe('a retried subgraph', () => {
  const twice = { pauseMs: 0 }

  it('is asked a second time when a query got no answer', async () => {
    const { transport, calls } = scriptedSubgraph([unavailable(), whole])
    expect(await retrying(transport, twice).execute(request())).toEqual(whole)
    expect(calls()).toBe(2)
  })

  it.each([
    ['a mutation', request({ query: 'mutation Buy { buy }' }), unavailable()],
    ['a mutation without a name', request({ query: 'mutation{buy}' }), unavailable()],
    ['a query that was too late', request(), new CodedError('SUBGRAPH_TIMEOUT', 'late')],
    ['a query whose client is gone', request({ signal: AbortSignal.abort() }), unavailable()],
    ['a fault of our own', request(), new Error('a bug')],
  ])('is asked once for %s', async (_name, asked, error) => {
    const { transport, calls } = scriptedSubgraph([error, whole])
    await expect(retrying(transport, twice).execute(asked)).rejects.toBe(error)
    expect(calls()).toBe(1)
  })

  it('gets at most a tenth more calls while it is gone', async () => {
    const { transport, calls } = scriptedSubgraph(Array.from({ length: 2_000 }, unavailable))
    const retried = retrying(transport, twice)
    for (let call = 0; call < 1_000; call++) await code(retried.execute(request()))
    expect(calls()).toBeLessThanOrEqual(1_000 + 100 + 10)
    expect(calls()).toBeGreaterThanOrEqual(1_000 + 100)
  })
})

describe('shared calls to a subgraph', () => {
  it('send identical queries of one caller once, and give each reader an answer of its own', async () => {
    const { transport: inner, calls } = heldSubgraph()
    const transport = sharing(inner, 'shop')
    const answers = [1, 2, 3].map(() => transport.execute(request()))
    calls[0]?.answer({ data: { list: [{ id: '1' }] } })
    const results = await Promise.all(answers)
    expect(calls).toHaveLength(1)
    expect(results).toEqual(results.map(() => ({ data: { list: [{ id: '1' }] } })))
    expect(new Set(results.map(({ data }) => data)).size).toBe(3)
  })

  it.each([
    ['another caller', { caller: testCaller({ organizationId: 'org_other' }) }],
    ['other scopes', { caller: testCaller({ scopes: ['less'] }) }],
    ['other variables', { variables: { first: 2 } }],
    ['another query', { query: '{ price }' }],
    ['other variables in its text', { body: '{"query":"{ text }","variables":{"first":2}}' }],
  ])('are not shared with %s', (_name, other) => {
    const { transport: inner, calls } = heldSubgraph()
    const transport = sharing(inner, 'shop')
    void transport.execute(request())
    void transport.execute(request(other))
    expect(calls).toHaveLength(2)
  })

  it('are never mutations, and an answered call is not used again', async () => {
    const { transport: inner, calls } = heldSubgraph()
    const transport = sharing(inner, 'shop')
    void transport.execute(request({ query: 'mutation { buy }' }))
    void transport.execute(request({ query: 'mutation { buy }' }))
    expect(calls).toHaveLength(2)
    const first = transport.execute(request())
    calls[2]?.answer(whole)
    await first
    void transport.execute(request())
    expect(calls).toHaveLength(4)
  })

  it('end when the last reader has gone, and not before', async () => {
    const { transport: inner, calls } = heldSubgraph()
    const transport = sharing(inner, 'shop')
    const [one, two] = [new AbortController(), new AbortController()]
    const answers = [one, two].map(({ signal }) => code(transport.execute(request({ signal }))))
    one.abort()
    expect(await answers[0]).toBe('SUBGRAPH_UNAVAILABLE')
    expect(calls[0]?.request.signal.aborted).toBe(false)
    two.abort()
    expect(await answers[1]).toBe('SUBGRAPH_UNAVAILABLE')
    expect(calls[0]?.request.signal.aborted).toBe(true)
    // Who asks after that begins anew instead of joining a call that was ended.
    void transport.execute(request())
    expect(calls).toHaveLength(2)
  })
})

describe("a subgraph's address", () => {
  it.each([
    ['http://localhost:4001/graphql', { origin: 'http://localhost:4001', path: '/graphql', h2c: false }],
    ['https://stock.example', { origin: 'https://stock.example', path: '/', h2c: false }],
    ['h2c://127.0.0.1:50051/graphql', { origin: 'http://127.0.0.1:50051', path: '/graphql', h2c: true }],
    [
      'unix:///run/stock%20room.sock',
      { origin: 'http://localhost', path: '/graphql', socketPath: '/run/stock room.sock', h2c: false },
    ],
    [
      'unix:///run/stock.sock?path=/api',
      { origin: 'http://localhost', path: '/api', socketPath: '/run/stock.sock', h2c: false },
    ],
  ])('is read from %s', (text, address) => {
    expect(subgraphAddress(text)).toEqual(address)
  })

  it('of another scheme is refused with what is allowed', () => {
    expect(() => subgraphAddress('ftp://stock.example')).toThrow('http://, https://, h2c:// or unix://')
  })
})
