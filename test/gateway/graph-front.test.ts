import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { auditServer } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { acceptedMedia } from '../../gateway/http/accepted-media.ts'
import { encodingFor } from '../../gateway/http/compression.ts'
import type { MiniSubgraph } from './mini-graph.ts'
import { type ServedGraph, headersOf, startServedGraph } from './served-graph.ts'

const catalog: MiniSubgraph = {
  name: 'catalog',
  sdl: `type Query {
      hello: String @authenticated
      long(length: Int!, of: String! = "é"): String @authenticated
    }
    type Mutation { rename(name: String!): String @authenticated }`,
  resolvers: {
    Query: {
      hello: () => 'hello',
      long: (_parent: unknown, { length, of }: { length: number; of: string }) => of.repeat(length),
    },
    Mutation: { rename: (_parent: unknown, { name }: { name: string }) => name },
  },
}

let served: ServedGraph
beforeAll(async () => {
  served = await startServedGraph([catalog])
})
afterAll(() => served[Symbol.asyncDispose]())

const body = JSON.stringify({ query: '{ hello }' })
const post = (headers: Record<string, string>, content: string | Uint8Array<ArrayBuffer> = body) =>
  fetch(served.graph, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(), ...headers },
    body: content,
  })
const codeOf = async (response: Response) =>
  ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code

/** A connection on which a test writes what it wants, and all that came back when the other side has closed it. */
async function converse(text: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(served.url)
  const socket: Socket = connect(Number(port), hostname)
  socket.write(text)
  let answer = ''
  for await (const chunk of socket.setEncoding('latin1')) answer += chunk as string
  return answer
}
const head = (...lines: readonly string[]) =>
  [
    'POST /graphql HTTP/1.1',
    'host: test',
    'content-type: application/json',
    ...Object.entries(headersOf()).map(([name, value]) => `${name}: ${value}`),
    ...lines,
    '\r\n',
  ].join('\r\n')

it("passes graphql-http's audit without an error, a warning or a notice", async () => {
  const results = await auditServer({
    url: served.graph,
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, { ...init, headers: { ...headersOf(), ...(init.headers as Record<string, string>) } }),
  })
  expect(results.length).toBeGreaterThan(50)
  expect(results.flatMap((result) => (result.status === 'ok' ? [] : [`${result.status}: ${result.name}`]))).toEqual([])
})

describe('a body', () => {
  it.each([
    ['of another type', { 'content-type': 'application/xml' }, body],
    ['in another charset', { 'content-type': 'application/json; charset=latin1' }, body],
    ['that is compressed', { 'content-encoding': 'gzip' }, new Uint8Array(gzipSync(body))],
  ])('%s is refused with 415', async (_what, headers, content) => {
    const response = await post(headers, content)
    expect([response.status, await codeOf(response)]).toEqual([415, 'BAD_REQUEST'])
  })

  it.each([
    ['invalid UTF-8', new Uint8Array([...Buffer.from('{"query":"{ hello } #'), 0xff, 0x22, 0x7d])],
    ['a key __proto__', '{"query":"{ hello }","variables":{"a":{"__proto__":{"b":1}}}}'],
    ['a key __proto__ in escapes', '{"query":"{ hello }","variables":{"\\u005f_proto__":1}}'],
    ['extensions nested beyond reason', `{"query":"{ hello }","extensions":${'{"a":'.repeat(50)}1${'}'.repeat(50)}}`],
    [
      'variables nested beyond reason',
      `{"query":"{ hello }","variables":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`,
    ],
    ['nothing', ''],
  ])('with %s is refused with 400', async (_what, content) => {
    expect((await post({ accept: 'application/graphql-response+json' }, content)).status).toBe(400)
  })

  it('whose length is announced as too large is refused before it is sent', async () => {
    const answer = await converse(head('content-length: 300000', 'expect: 100-continue'))
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).not.toContain('100 Continue')
    expect(answer.toLowerCase()).toContain('connection: close')
  })

  it('without an announced length is refused when it becomes too large', async () => {
    const chunk = `${(64 * 1024).toString(16)}\r\n${'x'.repeat(64 * 1024)}\r\n`
    expect(await converse(head('transfer-encoding: chunked') + chunk.repeat(5))).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('is asked for where the client waits for that', async () => {
    const answer = await converse(
      `${head(`content-length: ${body.length}`, 'expect: 100-continue', 'connection: close')}${body}`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/)
  })
})

const ask = (query: string, ...lines: string[]) => {
  const content = JSON.stringify({ query })
  return head(`content-length: ${content.length}`, ...lines) + content
}

it('answers requests that were sent at once in their order', async () => {
  const answer = await converse(ask('{ a: hello }') + ask('{ b: hello }') + ask('{ c: hello }', 'connection: close'))
  expect([...answer.matchAll(/"data":\{"(\w)"/g)].map(([, name]) => name)).toEqual(['a', 'b', 'c'])
})

it('holds as many connections as it may and closes one more at once', async () => {
  await using small = await startServedGraph([catalog], { http: { maxConnections: 1 } })
  const { hostname, port } = new URL(small.url)
  const held = connect(Number(port), hostname)
  held.write(head(`content-length: ${body.length}`) + body)
  await once(held, 'data')
  const refused = connect(Number(port), hostname)
  refused.on('error', () => undefined)
  await once(refused, 'close')
  expect(held.destroyed).toBe(false)
  held.destroy()
})

it('refuses headers over 16 KiB', async () => {
  expect(await converse(head(`x-long: ${'x'.repeat(20_000)}`))).toMatch(/^HTTP\/1\.1 431 /)
})

it('refuses other methods and says which it takes', async () => {
  for (const method of ['PUT', 'DELETE', 'HEAD']) {
    const response = await fetch(served.graph, { method, headers: headersOf() })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS'])
  }
})

const get = (headers: Record<string, string>) => fetch(`${served.graph}?query={hello}`, { headers })
it('takes its credentials for a proof that no foreign page has made a GET, but not what browsers add by themselves', async () => {
  expect((await get(headersOf())).status).toBe(200)
  const basic = await get({ authorization: `Basic ${btoa('app_test:key')}` })
  expect([basic.status, await codeOf(basic)]).toEqual([400, 'BAD_REQUEST'])
})

it('keeps connections longer than load balancers do', async () => {
  const response = await post({})
  expect(response.headers.get('keep-alive')).toBe('timeout=65')
})

const preflight = (graph: string, origin: string) =>
  fetch(graph, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })

describe('pages of other origins', () => {
  it('may not call unless they are configured', async () => {
    const response = await preflight(served.graph, 'https://shop.example')
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([204, null])
  })

  it('may call when they are', async () => {
    await using open = await startServedGraph([catalog], { http: { origins: ['https://shop.example'] } })
    const allowed = await preflight(open.graph, 'https://shop.example')
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(allowed.headers.get('access-control-allow-headers')).toContain('x-tributary-key')
    const headers = { origin: 'https://shop.example', 'content-type': 'application/json', ...headersOf() }
    const answer = await fetch(open.graph, { method: 'POST', headers, body })
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(answer.headers.get('vary')).toContain('origin')
    const stream = { ...headers, accept: 'text/event-stream' }
    const events = await fetch(`${open.graph}/stream`, { method: 'POST', headers: stream, body })
    expect([events.status, events.headers.get('access-control-allow-origin')]).toEqual([200, 'https://shop.example'])
    expect(await events.text()).toContain('"hello":"hello"')
    const streamPreflight = await preflight(`${open.graph}/stream`, 'https://shop.example')
    expect([streamPreflight.status, streamPreflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'GET, POST',
    ])
    expect((await preflight(open.graph, 'https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a large answer', () => {
  const long = JSON.stringify({ query: '{ long(length: 5000) }' })

  it.each(['gzip', 'br'])('is sent as %s to who takes it, and is the same', async (encoding) => {
    const response = await post({ 'accept-encoding': encoding }, long)
    expect(response.headers.get('content-encoding')).toBe(encoding)
    expect(response.headers.get('vary')).toContain('accept-encoding')
    expect(Number(response.headers.get('content-length'))).toBeLessThan(1_000)
    expect(((await response.json()) as { data: { long: string } }).data.long).toBe('é'.repeat(5_000))
  })

  it.each(['e', 'é', '€', '😀'])('of %s comes byte for byte', async (letter) => {
    const query = `{ long(length: 40000, of: "${letter}") }`
    const response = await post({ 'accept-encoding': 'identity' }, JSON.stringify({ query }))
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(response.headers.get('content-length')).toBe(String(bytes.length))
    expect((JSON.parse(bytes.toString('utf8')) as { data: object }).data).toEqual({ long: letter.repeat(40_000) })
  })

  it('is sent as it is to who takes nothing else, and where that is configured', async () => {
    const plain = await post({ 'accept-encoding': 'identity' }, long)
    expect([plain.headers.get('content-encoding'), ((await plain.json()) as { data: object }).data]).toEqual([
      null,
      { long: 'é'.repeat(5_000) },
    ])
    await using without = await startServedGraph([catalog], { http: { compression: false } })
    const headers = { 'content-type': 'application/json', 'accept-encoding': 'gzip', ...headersOf() }
    const response = await fetch(without.graph, { method: 'POST', headers, body: long })
    expect(response.headers.get('content-encoding')).toBeNull()
  })
})

it.each([
  ['gzip, deflate, br', 'br'],
  ['gzip;q=1, br;q=0', 'gzip'],
  ['*', 'br'],
  ['*;q=0', null],
  ['deflate', null],
  ['', null],
])('answers Accept-Encoding: %s with %s', (header, expected) => {
  expect(encodingFor(10_000, header)).toBe(expected)
  expect(encodingFor(100, header)).toBeNull()
})

it.each([
  [undefined, 'application/json'],
  ['application/*', 'application/json'],
  [
    'application/graphql-response+json; charset=utf-8, application/json; charset=utf-8',
    'application/graphql-response+json',
  ],
  ['application/json;q=0, */*', 'application/graphql-response+json'],
  ['application/graphql-response+json;charset=latin1', null],
  ['multipart/mixed, application/json;q=0.1', 'application/json'],
  ['application/json;q=2', null],
])('answers Accept: %s with %s', (header, expected) => {
  expect(acceptedMedia(header)).toBe(expected)
})
