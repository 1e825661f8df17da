import { once } from 'node:events'
import { type RequestListener, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpTransport } from '../../gateway/transport/http-transport.ts'
import { createInProcessTransport } from '../../gateway/transport/in-process-transport.ts'
import type { Transport, TransportRequest } from '../../gateway/transport/transport.ts'
import { createNonces } from '../../kit/nonces.ts'
import { signRequest, signatureHeaders } from '../../kit/signature.ts'
import { serveSubgraph } from '../../kit/subgraph-server.ts'
import type { SubgraphService } from '../../kit/subgraph-service.ts'
import { createMiniGraph, createMiniService, testCaller } from './mini-graph.ts'
import { type SubgraphFront, http2Front, unixFront } from './subgraph-front.ts'
import { createNumberSource, log, shop, signatureKey, stock } from './transported-subgraphs.ts'

const now = () => new Date()
const nextNonce = createNonces()

/** What tests open, closed after each of them, last opened first. */
const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close()
})

/** Serves a subgraph on a port of its own and connects to it as a gateway does. */
async function overHttp(service: SubgraphService, deadlineMs?: number) {
  const server = await serveSubgraph({ service, signatureKey, port: 0, host: '127.0.0.1', log, now })
  const transport = createHttpTransport({ name: service.name, url: server.url, signatureKey, now, deadlineMs })
  opened.push(
    () => server.close(),
    () => transport.close(),
  )
  return { server, transport }
}

/** Serves a subgraph and connects to it through a front of another kind. */
async function through(openFront: (serverUrl: string) => Promise<SubgraphFront>, service: SubgraphService) {
  const server = await serveSubgraph({ service, signatureKey, port: 0, host: '127.0.0.1', log, now })
  const front = await openFront(server.url)
  const transport = createHttpTransport({ name: service.name, url: front.url, signatureKey, now })
  opened.push(
    () => server.close(),
    () => front.close(),
    () => transport.close(),
  )
  return { transport, front }
}

const httpTransports = {
  'over HTTP': async (service: SubgraphService) => (await overHttp(service)).transport,
  'over HTTP/2': async (service: SubgraphService) => (await through(http2Front, service)).transport,
  'over a unix socket': async (service: SubgraphService) => (await through(unixFront, service)).transport,
}
const transports = {
  'in process': (service: SubgraphService) => Promise.resolve(createInProcessTransport(service)),
  ...httpTransports,
}

const request = (query: string, fields: Partial<TransportRequest> = {}): TransportRequest => ({
  query,
  variables: {},
  caller: testCaller(),
  requestId: 'request-1',
  signal: new AbortController().signal,
  ...fields,
})

describe('a subgraph in process and over HTTP', () => {
  it.each([
    ['data of every kind', request('{ price text list { id } nothing moment }')],
    ['variables', request('query ($id: ID!) { product(id: $id) { id } }', { variables: { id: 'ü\u2028"' } })],
    ['one of several operations', request('query A { price } query B { text }', { operationName: 'B' })],
    ['the caller', request('{ caller }', { caller: testCaller({ scopes: ['b', 'a'], endUserId: 'usr_1' }) })],
    ['a coded error with details', request('{ coded }')],
    ['a fault inside', request('{ broken }')],
    ['a fault below a list', request('{ list { id broken } }')],
    ['a denied field', request('{ text secret }')],
    ['a missing variable', request('query ($id: ID!) { product(id: $id) { id } }')],
    ['a field that does not exist', request('{ nobody }')],
    ['a document that does not parse', request('{ text')],
    ['an operation that does not exist', request('query A { text } query B { text }', { operationName: 'C' })],
    ['a refused subscription', request('subscription { secretNumbers }')],
    ['a mutation', request('mutation { rename(name: "x") }')],
  ])('answers %s alike', async (_name, asked) => {
    const service = await createMiniService(shop())
    const inProcess = await createInProcessTransport(service).execute(asked)
    for (const connect of Object.values(httpTransports)) {
      const transport = await connect(service)
      // Plain data, as it would be written to a client.
      expect(await transport.execute(asked)).toEqual(JSON.parse(JSON.stringify(inProcess)))
    }
    expect(inProcess.data ?? inProcess.errors?.[0]?.extensions?.['code']).toBeDefined()
  })

  it.each(Object.entries(transports))('delivers the events of a stream in order %s', async (_name, connect) => {
    const source = createNumberSource()
    const transport = await connect(await createMiniService(shop(source)))
    const results = await subscribed(transport, request('subscription { numbers }'))
    const numbers = Array.from({ length: 500 }, (_, index) => index)
    for (const number of numbers) source.push(number)
    source.end()
    for (const number of numbers) expect((await results.next()).value).toEqual({ data: { numbers: number } })
    expect(await results.next()).toEqual({ done: true, value: undefined })
  })

  it.each(Object.entries(transports))('answers a refused subscription with its error %s', async (_name, connect) => {
    const transport = await connect(await createMiniService(shop()))
    expect(await transport.subscribe(request('subscription { secretNumbers }'))).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    })
  })

  it.each(Object.entries(transports))(
    "closes the subgraph's feed when the reader returns %s",
    async (_name, connect) => {
      const source = createNumberSource()
      const transport = await connect(await createMiniService(shop(source)))
      const results = await subscribed(transport, request('subscription { numbers }'))
      const waiting = results.next()
      await results.return?.()
      await source.closed
      expect(await waiting).toEqual({ done: true, value: undefined })
    },
  )

  it.each(Object.entries(transports))(
    "closes the subgraph's feed when the client is gone %s",
    async (_name, connect) => {
      const source = createNumberSource()
      const transport = await connect(await createMiniService(shop(source)))
      const client = new AbortController()
      const results = await subscribed(transport, request('subscription { numbers }', { signal: client.signal }))
      const waiting = results.next().catch(() => undefined)
      client.abort()
      await Promise.all([source.closed, waiting])
    },
  )

  it.each(Object.entries(transports))(
    'closes a feed that opens only after the client is gone %s',
    async (_name, connect) => {
      const source = createNumberSource()
      const transport = await connect(await createMiniService(shop(source)))
      const client = new AbortController()
      const opening = transport.subscribe(request('subscription { lateNumbers }', { signal: client.signal }))
      await source.asked
      client.abort()
      await expect(opening).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' })
      // An answer to something else tells that the subgraph has seen the other connection close.
      await transport.execute(request('{ text }'))
      source.open()
      await source.closed
    },
  )

  it.each(Object.entries(transports))('answers SUBGRAPH_TIMEOUT at the deadline %s', async (_name, connect) => {
    const transport = await connect(await createMiniService(shop()))
    const late = request('{ never }', { signal: AbortSignal.timeout(50) })
    await expect(transport.execute(late)).rejects.toMatchObject({ code: 'SUBGRAPH_TIMEOUT' })
    const past = request('{ text }', { signal: AbortSignal.abort(new DOMException('', 'TimeoutError')) })
    await expect(transport.execute(past)).rejects.toMatchObject({ code: 'SUBGRAPH_TIMEOUT' })
  })

  it('answers SUBGRAPH_TIMEOUT at a deadline of its own, and answers others after it', async () => {
    const { transport } = await overHttp(await createMiniService(shop()), 1_000)
    await expect(transport.execute(request('{ never }'))).rejects.toMatchObject({ code: 'SUBGRAPH_TIMEOUT' })
    await expect(transport.execute(request('{ text }'))).resolves.toMatchObject({ data: {} })
  })
})

describe('a federated answer', () => {
  it('is intact but for the part whose subgraph is gone, and does not name it', async () => {
    const servers: { close(): Promise<void> }[] = []
    const graph = await createMiniGraph([shop(), stock], {
      connect: async (service) => {
        const { server, transport } = await overHttp(service)
        servers.push(server)
        return transport
      },
    })
    const query = '{ list { id onHand } }'
    expect(await graph.run(query)).toMatchObject({ data: { list: [{ id: '1', onHand: 10 }, {}] }, errors: [] })
    await servers[1]?.close()
    const { data, errors } = await graph.run(query)
    expect(data).toEqual({ list: ['1', '2'].map((id) => ({ id, onHand: null })) })
    expect(errors.map(({ code }) => code)).toEqual(['SUBGRAPH_UNAVAILABLE'])
    expect(JSON.stringify(errors)).not.toMatch(/warehouse|127\.0\.0\.1|ECONN/)
  })

  it('is intact but for the part whose subgraph is late', async () => {
    const graph = await createMiniGraph([shop(), stock], {
      connect: async (service) => (await overHttp(service)).transport,
      deadlineMs: 1_000,
    })
    const { data, errors } = await graph.run('{ list { id neverCounted } }')
    expect(data).toEqual({ list: ['1', '2'].map((id) => ({ id, neverCounted: null })) })
    expect(errors.map(({ code }) => code)).toEqual(['SUBGRAPH_TIMEOUT'])
    expect(JSON.stringify(errors)).not.toContain('warehouse')
  })
})

describe('a call to a subgraph', () => {
  it.each([
    ['without a signature', () => ({ headers: {} })],
    ['with another body', (signed: Signed) => ({ ...signed, body: signed.body.replace('text', 'price') })],
    ['with another caller', (signed: Signed) => withHeader(signed, signatureHeaders.caller, signedFor('org_other'))],
    ['with another time', (signed: Signed) => withHeader(signed, signatureHeaders.time, String(Date.now() + 1))],
    ['signed more than 30 seconds ago', () => sign(-31_000)],
    ['signed in the future', () => sign(31_000)],
    ['signed with another key', () => sign(0, Buffer.alloc(32, 8))],
    ['signed for another path', () => sign(0, signatureKey, '/other')],
  ])('%s is 401', async (_name, alter) => {
    const { server } = await overHttp(await createMiniService(shop()))
    const altered: { headers: Record<string, string>; body?: string } = alter(sign(0))
    const response = await fetch(server.url, {
      method: 'POST',
      body: altered.body ?? body,
      headers: { 'content-type': 'application/json', ...altered.headers },
    })
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({
      errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }],
    })
  })

  it.each([-29_000, 0, 29_000])('signed %i ms off the clock of the subgraph is answered', async (offset) => {
    const { server } = await overHttp(await createMiniService(shop()))
    const { headers } = sign(offset)
    const response = await fetch(server.url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })
    expect(await response.json()).toEqual({ data: { text: expect.any(String) } })
  })
})

describe('what is no answer of a subgraph', () => {
  it.each<[string, RequestListener]>([
    ['text that is not JSON', (_request, response) => response.end('<html>welcome</html>')],
    ['JSON that is no GraphQL response', (_request, response) => response.end('{"status":"ok"}')],
    ['a page of a proxy', (_request, response) => response.writeHead(502).end('<html>bad gateway</html>')],
    ['a redirect', (_request, response) => response.writeHead(302, { location: '/' }).end()],
    ['a refused signature', (_request, response) => response.writeHead(401).end('{"errors":[{"message":"no"}]}')],
    [
      'a connection that breaks',
      (_request, response) => response.writeHead(200).write('{"data"', () => response.destroy()),
    ],
  ])('%s is SUBGRAPH_UNAVAILABLE', async (_name, answer) => {
    const { transport } = await rawServer(answer)
    await expect(transport.execute(request('{ text }'))).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' })
    await expect(transport.subscribe(request('subscription { numbers }'))).rejects.toMatchObject({
      code: 'SUBGRAPH_UNAVAILABLE',
    })
  })

  it('an answer over the size limit is refused and not read to its end', async () => {
    const megabyte = 'x'.repeat(1024 * 1024)
    let sent = 0
    const { transport } = await rawServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = (): void => {
        while (!response.destroyed && sent < 200) {
          sent++
          if (!response.write(sent === 1 ? `{"data":{"text":"${megabyte}` : megabyte)) break
        }
      }
      response.on('drain', more)
      more()
    })
    await expect(transport.execute(request('{ text }'))).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' })
    expect(sent).toBeLessThan(60)
  })

  it.each<[string, string]>([
    ['that breaks off', 'event: next\ndata: {"data":{"numbers":1}}\n\nevent: ne'],
    ['that ends without being complete', 'event: next\ndata: {"data":{"numbers":1}}\n\n'],
    ['whose next event is not JSON', 'event: next\ndata: {"data":{"numbers":1}}\n\nevent: next\ndata: <html>\n\n'],
  ])('a stream %s ends with an error after what came', async (_name, text) => {
    const { transport } = await rawServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
      response.end(text)
    })
    const results = await subscribed(transport, request('subscription { numbers }'))
    expect((await results.next()).value).toEqual({ data: { numbers: 1 } })
    await expect(results.next()).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' })
  })

  it('a stream that comes faster than it is read holds its subgraph back, and loses nothing', async () => {
    const most = 50_000
    let sent = 0
    const { transport } = await rawServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
      const more = (): void => {
        while (sent < most) {
          sent += 1
          const padding = 'x'.repeat(200)
          if (!response.write(`event: next\ndata: {"data":{"numbers":${sent},"padding":"${padding}"}}\n\n`)) return
        }
        response.end('event: complete\ndata:\n\n')
      }
      response.on('drain', more)
      more()
    })
    const results = await subscribed(transport, request('subscription { numbers }'))
    expect((await results.next()).value).toMatchObject({ data: { numbers: 1 } })
    let before = -1
    await expect
      .poll(() => {
        const isStill = sent === before
        before = sent
        return isStill
      })
      .toBe(true)
    expect(sent).toBeLessThan(most)
    let expected = 1
    for await (const { data } of results) expect(data?.['numbers']).toBe((expected += 1))
    expect(expected).toBe(most)
  })

  it('a stream whose subgraph dies ends with an error', async () => {
    const source = createNumberSource()
    const { server, transport } = await overHttp(await createMiniService(shop(source)))
    const results = await subscribed(transport, request('subscription { numbers }'))
    source.push(1)
    expect((await results.next()).value).toEqual({ data: { numbers: 1 } })
    const next = results.next()
    await server.close()
    await expect(next).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' })
    await source.closed
  })

  it.each(Object.entries(transports))('a stream whose source fails ends with an error %s', async (_name, connect) => {
    const source = createNumberSource()
    const transport = await connect(await createMiniService(shop(source)))
    const results = await subscribed(transport, request('subscription { numbers }'))
    source.fail(new Error('a secret of the database'))
    await expect(results.next()).rejects.toThrow()
  })
})

describe('connections to a subgraph', () => {
  it('are kept and used again', async () => {
    let connections = 0
    const { server, transport } = await rawServer((_request, response) => response.end('{"data":{}}'))
    server.on('connection', () => connections++)
    for (let call = 0; call < 20; call++) await transport.execute(request('{ text }'))
    // The pool may open a second one when a call comes before the first is free again.
    expect(connections).toBeLessThanOrEqual(2)
    await Promise.all(Array.from({ length: 200 }, () => transport.execute(request('{ text }'))))
    expect(connections).toBeLessThanOrEqual(64)
  })

  it('carry many calls at once where the subgraph speaks HTTP/2', async () => {
    const { transport, front } = await through(http2Front, await createMiniService(shop()))
    await transport.execute(request('{ text }'))
    const answers = await Promise.all(Array.from({ length: 200 }, () => transport.execute(request('{ price }'))))
    expect(answers).toEqual(Array.from({ length: 200 }, () => ({ data: { price: 19.99 } })))
    expect(front.connections()).toBeLessThanOrEqual(4)
  })

  it('are made anew when the subgraph was started again', async () => {
    const service = await createMiniService(shop())
    const { server, transport } = await overHttp(service)
    expect(await transport.execute(request('{ text }'))).toHaveProperty('data')
    await server.close()
    await expect(transport.execute(request('{ text }'))).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' })
    const port = Number(new URL(server.url).port)
    const again = await serveSubgraph({ service, signatureKey, port, host: '127.0.0.1', log, now })
    opened.push(() => again.close())
    expect(await transport.execute(request('{ text }'))).toHaveProperty('data')
  })
})

interface Signed {
  readonly body: string
  readonly headers: Record<string, string>
}

const body = JSON.stringify({ query: '{ text }' })

function sign(offsetMs: number, key: Uint8Array = signatureKey, path = '/graphql'): Signed {
  const signed = { method: 'POST', path, body, caller: testCaller(), now: Date.now() + offsetMs, nonce: nextNonce() }
  return { body, headers: signRequest(key, signed) }
}

function signedFor(organizationId: string): string {
  const caller = testCaller({ organizationId })
  const signed = { method: 'POST', path: '/graphql', body, caller, now: Date.now(), nonce: nextNonce() }
  const headers = signRequest(signatureKey, signed)
  return headers[signatureHeaders.caller] ?? ''
}

function withHeader(signed: Signed, name: string, value: string): Signed {
  return { ...signed, headers: { ...signed.headers, [name]: value } }
}

/** A server that is no subgraph, with a transport to it. */
async function rawServer(listener: RequestListener) {
  const server = createServer((incoming, response) => {
    incoming.resume().on('end', () => listener(incoming, response))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const transport = createHttpTransport({
    name: 'warehouse',
    url: `http://127.0.0.1:${port}/graphql`,
    signatureKey,
    now,
  })
  opened.push(
    async () => {
      server.closeAllConnections()
      server.close()
    },
    () => transport.close(),
  )
  return { server, transport }
}

async function subscribed(transport: Transport, asked: TransportRequest) {
  const results = await transport.subscribe(asked)
  if (!(Symbol.asyncIterator in results)) throw new Error(`no stream: ${JSON.stringify(results)}`)
  return results
}
