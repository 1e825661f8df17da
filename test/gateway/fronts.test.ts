import { createHash } from 'node:crypto'
import { abortSignalOf } from '../../kit/cancellation.ts'
import { EventEmitter, once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createInProcessTransport } from '../../gateway/transport/in-process-transport.ts'
import type { MiniSubgraph } from './mini-graph.ts'
import { type ServedGraph, fronts, headersOf, startServedGraph } from './served-graph.ts'

const catalog: MiniSubgraph = {
  name: 'catalog',
  sdl: `
    type Query {
      hello(name: String = "world"): String @authenticated
      count(of: Int!): Int @authenticated
      long(length: Int!): String @authenticated
      margin: Int @requiresScopes(scopes: [["margin:read"]])
      broken: String @authenticated
    }
    type Mutation { rename(name: String!): String @authenticated }
    type Subscription { ticks: Int @authenticated }`,
  resolvers: {
    Query: {
      hello: (_parent: unknown, { name }: { name: string }) => `hello ${name}`,
      count: (_parent: unknown, { of }: { of: number }) => of,
      long: (_parent: unknown, { length }: { length: number }) => 'é'.repeat(length),
      margin: () => 20,
      broken: () => {
        throw new Error('a secret of the database')
      },
    },
    Mutation: { rename: (_parent: unknown, { name }: { name: string }) => name },
  },
}

const post = (graph: string, body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(graph, {
    method: 'POST',
    signal: signal ?? null,
    headers: { 'content-type': 'application/json', ...headersOf(), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const get = (graph: string, params: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(`${graph}?${new URLSearchParams(params).toString()}`, { headers: { ...headersOf(), ...headers } })
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const graphMedia = { accept: 'application/graphql-response+json' }

interface Body {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[]
}
const bodyOf = async (response: Response) => (await response.json()) as Body
const codeOf = async (response: Response) => (await bodyOf(response)).errors?.[0]?.extensions['code']

describe.each(fronts)('the graph over HTTP, front %s', (front) => {
  let served: ServedGraph
  beforeAll(async () => {
    served = await startServedGraph([catalog], { http: { front } })
  })
  afterAll(() => served[Symbol.asyncDispose]())

  it('answers a query with data, cost, limits and a request id', async () => {
    const response = await post(served.graph, {
      query: 'query ($n: String) { hello(name: $n) }',
      variables: { n: 'you' },
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(response.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
    expect(response.headers.get('ratelimit')).toMatch(/^"points";r=\d+/)
    expect(await response.json()).toEqual({ data: { hello: 'hello you' }, extensions: { cost: expect.any(Object) } })
  })

  it('answers in the type that the client accepts', async () => {
    const { graph } = served
    const typeFor = async (accept: string) => {
      const response = await post(graph, { query: '{ hello }' }, { accept })
      return response.status === 200 ? response.headers.get('content-type')?.split(';')[0] : response.status
    }
    expect(await typeFor('application/graphql-response+json')).toBe('application/graphql-response+json')
    expect(await typeFor('application/json')).toBe('application/json')
    expect(await typeFor('*/*')).toBe('application/json')
    expect(await typeFor('application/graphql-response+json, application/json;q=0.9')).toBe(
      'application/graphql-response+json',
    )
    expect(await typeFor('application/graphql-response+json;q=0.5, application/json')).toBe('application/json')
    expect(await typeFor('text/html')).toBe(406)
  })

  it.each([
    ['a document that ends early', '{ hello', 'GRAPHQL_PARSE_FAILED'],
    ['thousands of open brackets', `{ hello(name: ${'['.repeat(4_900)}`, 'GRAPHQL_PARSE_FAILED'],
    ['a field that is not there', '{ helo }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a fragment in itself', '{ hello ...A } fragment A on Query { ...A }', 'GRAPHQL_VALIDATION_FAILED'],
    ['two operations and no name', 'query A { hello } query B { hello }', 'OPERATION_RESOLUTION_FAILURE'],
    ['a variable that is missing', 'query ($of: Int!) { count(of: $of) }', 'BAD_USER_INPUT'],
    ['31 root fields', `{ ${'hello '.repeat(31)} }`, 'OPERATION_TOO_COMPLEX'],
    ['a subscription', 'subscription { ticks }', 'BAD_REQUEST'],
  ])('refuses %s with a code, 400 and no suggestion', async (_what, query, code) => {
    const response = await post(served.graph, { query }, graphMedia)
    expect(response.status).toBe(400)
    const { data, errors } = await bodyOf(response)
    expect(data).toBeUndefined()
    expect(errors?.[0]?.extensions['code']).toBe(code)
    expect(JSON.stringify(errors)).not.toMatch(/Did you mean|stacktrace/)
  })

  it('tells the faults of a document with their places', async () => {
    const { errors } = await bodyOf(await post(served.graph, { query: '{\n  helo\n  margn\n}' }))
    expect(errors).toMatchObject([
      { locations: [{ line: 2, column: 3 }], extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
      { locations: [{ line: 3, column: 3 }], extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ])
  })

  it('tells nothing of a fault inside, and what a caller may not see as an error beside data', async () => {
    const response = await post(served.graph, { query: '{ hello broken margin }' }, graphMedia)
    expect(response.status).toBe(200)
    const { data, errors } = await bodyOf(response)
    expect(data).toEqual({ hello: 'hello world', broken: null, margin: null })
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN', 'INTERNAL'])
    expect(JSON.stringify(errors)).not.toContain('secret')
  })

  it('knows nobody without credentials', async () => {
    const response = await post(served.graph, { query: '{ hello }' }, { 'x-tributary-key': 'nonsense' })
    expect([response.status, await codeOf(response)]).toEqual([401, 'UNAUTHENTICATED'])
  })

  it('runs a query by GET, and nothing else', async () => {
    const query = 'query A($n: String) { hello(name: $n) } query B { hello } mutation M { rename(name: "x") }'
    const preflighted = { 'apollo-require-preflight': '1' }
    const variables = JSON.stringify({ n: 'you' })
    const answer = await get(served.graph, { query, variables, operationName: 'A' }, preflighted)
    expect([answer.status, (await bodyOf(answer)).data]).toEqual([200, { hello: 'hello you' }])
    const mutation = await get(served.graph, { query, operationName: 'M' }, preflighted)
    expect([mutation.status, mutation.headers.get('allow'), await codeOf(mutation)]).toEqual([
      405,
      'POST',
      'BAD_REQUEST',
    ])
    const broken = await get(served.graph, { query: '{ hello }', variables: '{' }, preflighted)
    expect([broken.status, await codeOf(broken)]).toEqual([400, 'BAD_REQUEST'])
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'refuses a body of %s, which a foreign page could send',
    async (type) => {
      const body = JSON.stringify({ query: '{ hello }' })
      const response = await fetch(served.graph, { method: 'POST', headers: { 'content-type': type }, body })
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
    },
  )

  it.each([
    ['no JSON', '{'],
    ['a list of requests', [{ query: '{ hello }' }]],
    ['a text', '"{ hello }"'],
    ['no document', { operationName: 'A' }],
    ['a document that is no text', { query: { kind: 'Document' } }],
    ['variables that are a text', { query: '{ hello }', variables: '{}' }],
    ['variables that are a list', { query: '{ hello }', variables: [] }],
    ['an operation name that is no text', { query: '{ hello }', operationName: 1 }],
    ['extensions that are a list', { query: '{ hello }', extensions: [] }],
  ])('refuses %s with 400', async (_what, body) => {
    const response = await post(served.graph, body)
    expect(response.status).toBe(400)
    expect(await codeOf(response)).toBe('BAD_REQUEST')
  })

  it('refuses a body over 256 KiB with 413', async () => {
    const response = await post(served.graph, { query: '{ hello }', variables: { n: 'x'.repeat(300_000) } })
    expect(response.status).toBe(413)
    expect(await codeOf(response)).toBe('BAD_REQUEST')
  })

  it('knows a document by its hash once it was sent with it, and refuses a hash that is another’s', async () => {
    const query = `{ hello(name: "${front}") }`
    const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(query) } }
    const unknown = await bodyOf(await post(served.graph, { extensions }))
    expect(unknown.errors).toMatchObject([
      { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
    ])
    const wrong = { persistedQuery: { version: 1, sha256Hash: sha256('{ count }') } }
    expect((await post(served.graph, { query, extensions: wrong })).status).toBe(400)
    expect((await bodyOf(await post(served.graph, { query, extensions }))).data).toEqual({ hello: `hello ${front}` })
    expect((await bodyOf(await post(served.graph, { extensions }))).data).toEqual({ hello: `hello ${front}` })
    const byGet = await get(
      served.graph,
      { extensions: JSON.stringify(extensions) },
      { 'apollo-require-preflight': 'true' },
    )
    expect((await bodyOf(byGet)).data).toEqual({ hello: `hello ${front}` })
  })

  it('aborts the fetches of a client that goes away', async () => {
    const fetches = new EventEmitter<{ begun: [AbortSignal] }>()
    await using waiting = await startServedGraph([catalog], {
      http: { front },
      connect: (service) =>
        Promise.resolve({
          ...createInProcessTransport(service),
          execute: ({ signal }) => {
            const begun = abortSignalOf(signal)
            fetches.emit('begun', begun)
            return once(begun, 'abort').then(() => ({ data: null }))
          },
        }),
    })
    const begun = once(fetches, 'begun') as Promise<[AbortSignal]>
    const client = new AbortController()
    const answer = post(waiting.graph, { query: '{ hello }' }, {}, client.signal)
    const [signal] = await begun
    client.abort()
    await expect(answer).rejects.toThrow()
    if (!signal.aborted) await once(signal, 'abort')
    expect(signal.aborted).toBe(true)
  })
})

describe.each(fronts)('trusted documents, front %s', (front) => {
  const published = '{ hello(name: "trusted") }'
  const trusted = (appId: string, hash: string) =>
    Promise.resolve(appId === 'app_test' && hash === sha256(published) ? published : null)

  it('run by their id, for the app that has published them', async () => {
    await using served = await startServedGraph([catalog], { http: { front }, trusted })
    const byId = { documentId: `sha256:${sha256(published)}` }
    expect((await bodyOf(await post(served.graph, byId))).data).toEqual({ hello: 'hello trusted' })
    if (front === 'tributary') {
      expect((await bodyOf(await get(served.graph, byId))).data).toEqual({ hello: 'hello trusted' })
    }
    const other = await post(served.graph, byId, { ...headersOf('app_other'), ...graphMedia })
    expect([other.status, await codeOf(other)]).toEqual([404, 'PERSISTED_QUERY_NOT_FOUND'])
    expect((await post(served.graph, { documentId: 'md5:1' })).status).toBe(400)
  })

  it('are all that runs on a plan that demands them, over HTTP and as streams', async () => {
    await using served = await startServedGraph([catalog], {
      http: { front },
      trusted,
      limits: { trustedDocumentsOnly: true },
    })
    const free = await post(served.graph, { query: '{ hello }' })
    expect([free.status, await codeOf(free)]).toEqual([403, 'TRUSTED_DOCUMENT_REQUIRED'])
    const stream = await post(`${served.graph}/stream`, { query: '{ hello }' }, { accept: 'text/event-stream' })
    expect([stream.status, await codeOf(stream)]).toEqual([403, 'TRUSTED_DOCUMENT_REQUIRED'])
    const sent = { persistedQuery: { version: 1, sha256Hash: sha256('{ hello }') } }
    expect(await codeOf(await post(served.graph, { query: '{ hello }', extensions: sent }))).toBe(
      'TRUSTED_DOCUMENT_REQUIRED',
    )
    for (const body of [{ documentId: `sha256:${sha256(published)}` }, { query: published }]) {
      expect((await bodyOf(await post(served.graph, body))).data).toEqual({ hello: 'hello trusted' })
    }
  })
})
