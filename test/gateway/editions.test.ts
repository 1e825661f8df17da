import { setTimeout as pause } from 'node:timers/promises'
import { getIntrospectionQuery } from 'graphql'
import { createClient } from 'graphql-ws'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createEditions, editionIn } from '../../gateway/editions/editions.ts'
import type { Usage } from '../../gateway/cost/usage-recorder.ts'
import { type FoundSupergraph, followSupergraph } from '../../gateway/supergraph/follow-supergraph.ts'
import { createGraphEditions } from '../../gateway/editions/graph-editions.ts'
import { createPublishedSubgraphs } from '../../gateway/subgraphs/published-subgraphs.ts'
import type { Contracts } from '../../kit/contracts.ts'
import { createQueue } from '../../kit/event-queue.ts'
import { createLogger } from '../../kit/log.ts'
import { composeTexts } from '../../schema/checks/check-candidate.ts'
import { editionTexts } from '../../schema/contracts/edition-texts.ts'
import type { MiniSubgraph } from './mini-graph.ts'
import { fronts, headersOf, startServedGraph } from './served-graph.ts'

const log = createLogger('test', 'silent')
const sdl = `
  type Query @authenticated {
    goods: [Good] @cacheControl(maxAge: 60, scope: PUBLIC)
    margin: Int @tag(name: "internal")
    thing: Thing
  }
  type Subscription { ticked(secret: Int @tag(name: "internal")): Tick @authenticated }
  type Tick @authenticated { at: Int margin: Int @tag(name: "internal") }
  type Good @authenticated @cacheControl(inheritMaxAge: true) {
    name: String wholesale: Int @tag(name: "internal") state: State newer: Int
  }
  type Margin @tag(name: "internal") { percent: Int }
  union Thing = Good | Margin
  enum State { NEW HELD @tag(name: "internal") }
`
const cacheControl = `
  extend schema @link(url: "https://tributary.dev/specs/cacheControl/v1.0", import: ["@cacheControl"])
    @composeDirective(name: "@cacheControl")
  directive @cacheControl(maxAge: Int, scope: cacheControl__Scope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT
  enum cacheControl__Scope { PUBLIC PRIVATE }
`
const contracts: Contracts = {
  contracts: [
    { name: 'partner', description: '', include: [], exclude: ['internal'], excludeScopes: [] },
    { name: 'internal', description: '', include: [], exclude: [], excludeScopes: [] },
  ],
  versions: [
    ['2025-04', '2025-04-01', '2026-04-01'],
    ['2025-10', '2025-10-01', '2027-01-01'],
    ['2026-10', '2026-10-01', '2027-10-01'],
    ['2027-04', '2027-04-01', '2028-04-01'],
  ].map(([version = '', from = '', until = '']) => ({
    version,
    contract: 'partner',
    from,
    until,
    sdl: `type Query { goods: [Good] } type Good { name: String${version === '2025-10' ? '' : ' state: State'} } enum State { NEW }`,
  })),
}
const now = () => new Date('2026-11-21T12:00:00Z')

function createShop(): MiniSubgraph & { readonly tick: (at: number) => void } {
  const ticks = createQueue<{ readonly ticked: object }>({ limit: 100, onEnd: () => undefined })
  const goods = [
    { name: 'bolt', wholesale: 3, state: 'NEW', newer: 1 },
    { name: 'nut', wholesale: 2, state: 'HELD', newer: 2 },
  ]
  return {
    name: 'shop',
    sdl: cacheControl + sdl,
    resolvers: {
      Query: { goods: () => goods, margin: () => 40, thing: () => ({ __typename: 'Margin', percent: 40 }) },
      Subscription: {
        ticked: { subscribe: () => ticks.iterator, resolve: ({ ticked }: { readonly ticked: object }) => ticked },
      },
    },
    tick: (at) => {
      ticks.push({ ticked: { at, margin: 40 } })
    },
  }
}

interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[]
}

async function start(options: Omit<Parameters<typeof startServedGraph>[1] & object, 'editionsOf'> = {}) {
  const shop = createShop()
  const office = { contracts, editionsOf: (supergraphSdl: string) => editionTexts(supergraphSdl, contracts) }
  const graph = await startServedGraph([shop], {
    ...options,
    editionsOf: () => createGraphEditions(office, { path: '/graphql', now, log }),
  })
  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(`${graph.graph}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersOf(), ...headers },
      body: JSON.stringify(body),
    })
  const ask = async (path: string, query: string, more: object = {}): Promise<Answer> =>
    (await (await post(path, { query, ...more })).json()) as Answer
  return { shop, graph, post, ask, [Symbol.asyncDispose]: () => graph[Symbol.asyncDispose]() }
}

describe.each(fronts)('contracts and versions beside the front %s', (front) => {
  it('answer each by its own schema, and say which one it is', async () => {
    await using server = await start({ http: { front } })
    const { ask, post } = server
    expect(await ask('', '{ margin goods { wholesale } }')).toMatchObject({ data: { margin: 40 } })
    expect(await ask('/internal', '{ margin }')).toMatchObject({ data: { margin: 40 } })
    expect(await ask('/partner', '{ goods { name newer } }')).toMatchObject({ data: { goods: [{ newer: 1 }, {}] } })
    expect(await ask('/2026-10', '{ goods { name } }')).toMatchObject({ data: { goods: [{ name: 'bolt' }, {}] } })
    for (const [path, query] of [
      ['/partner', '{ goods { wholesale } }'],
      ['/2026-10', '{ goods { newer } }'],
      ['/2025-10', '{ goods { state } }'],
      ['/partner', 'subscription { ticked(secret: 1) { at } }'],
    ] as const) {
      expect((await ask(path, query)).errors?.[0]?.extensions['code'], `${path} ${query}`).toBe(
        'GRAPHQL_VALIDATION_FAILED',
      )
    }
    const { headers } = await post('/2026-10', { query: '{ goods { name } }' })
    expect(headers.get('x-tributary-version')).toBe('2026-10')
    expect((await post('', { query: '{ margin }' })).headers.has('x-tributary-version')).toBe(false)
  })

  it('say of what they hide exactly what they say of what nobody has', async () => {
    await using server = await start({ http: { front } })
    const told = async (name: string): Promise<string> =>
      JSON.stringify((await server.ask('/partner', `{ goods { ${name} } }`)).errors).replaceAll(name, 'it')
    expect(await told('wholesale')).toBe(await told('wholesome'))
    const type = async (name: string): Promise<string> =>
      JSON.stringify((await server.ask('/partner', `{ thing { ... on ${name} { percent } } }`)).errors).replaceAll(
        name,
        'It',
      )
    expect(await type('Margin')).toBe(await type('Merlin'))
  })

  it('refuse operations of a type that they do not have, over each way', async () => {
    await using server = await start({ http: { front } })
    for (const query of ['subscription { ticked { at } }', 'mutation { change(much: 1) }', 'mutation { __typename }']) {
      const [error] = (await server.ask('/2026-10', query)).errors ?? []
      expect(error?.extensions['code'], query).toBe('GRAPHQL_VALIDATION_FAILED')
      expect(error?.message).toMatch(/^The (?:subscription|mutation) operation is not supported by the schema\.$/)
    }
    const accept = { accept: 'text/event-stream' }
    const stream = await server.post('/2026-10/stream', { query: 'subscription { ticked { at } }' }, accept)
    expect(await stream.text()).toContain('GRAPHQL_VALIDATION_FAILED')
  })

  it('answer null where a value or a type is not theirs, and never its name', async () => {
    await using server = await start({ http: { front } })
    const query = '{ goods { name state } thing { __typename } }'
    expect(await server.ask('', query)).toMatchObject({
      data: { goods: [{}, { state: 'HELD' }], thing: { __typename: 'Margin' } },
    })
    const answer = await server.ask('/partner', query)
    expect(answer.data).toEqual({
      goods: [
        { name: 'bolt', state: 'NEW' },
        { name: 'nut', state: null },
      ],
      thing: null,
    })
    expect(JSON.stringify(answer)).not.toMatch(/HELD|Margin/)
  })
})

describe('a contract', () => {
  it('shows itself alone by introspection and as a text, narrowed to the caller', async () => {
    await using server = await start()
    const introspected = JSON.stringify(await server.ask('/partner', getIntrospectionQuery()))
    const download = (path: string) => fetch(`${server.graph.graph}${path}/schema.graphql`, { headers: headersOf() })
    const response = await download('/partner')
    const text = await response.text()
    for (const shown of [introspected, text]) {
      expect(shown).toContain('newer')
      expect(shown).not.toMatch(/wholesale|Margin|margin|HELD|secret/)
    }
    expect(response.headers.get('x-tributary-version')).toBe('partner')
    const whole = await download('')
    expect(await whole.text()).toContain('HELD')
    expect(whole.headers.get('etag')).not.toBe(response.headers.get('etag'))
  })

  it('is offered by the page to everybody, with the versions that answer now and how long they will', async () => {
    await using server = await start()
    expect(await sessionAt(server.graph.url)).toMatchObject({
      editions: [
        { name: 'partner', version: null },
        { name: 'internal', version: null },
        { name: '2025-10', version: { contract: 'partner', until: '2027-01-01', endsSoon: true, next: '2026-10' } },
        { name: '2026-10', version: { contract: 'partner', until: '2027-10-01', endsSoon: false, next: 'partner' } },
      ],
    })
    const none = { contracts, editionsOf: () => Promise.resolve({ sdls: new Map(), problems: [] }) }
    await using without = await startServedGraph([createShop()], {
      editionsOf: () => createGraphEditions(none, { path: '/graphql', now, log }),
    })
    expect(await sessionAt(without.url)).toMatchObject({ editions: [] })
    expect(editionsAt('2027-07-02T23:59:59Z').openNow().at(-1)?.version?.endsSoon).toBe(false)
    expect(editionsAt('2027-07-03T00:00:00Z').openNow().at(-2)).toMatchObject({
      name: '2026-10',
      version: { endsSoon: true },
    })
  })

  it('shares no document, no answer that was kept and no persisted document with another', async () => {
    await using server = await start({ pipeline: { cacheBytes: 1_000_000 } })
    const query = '{ goods { name state } }'
    for (let round = 0; round < 3; round += 1) {
      expect(await server.ask('', query)).toMatchObject({ data: { goods: [{}, { state: 'HELD' }] } })
      expect(await server.ask('/partner', query)).toMatchObject({ data: { goods: [{}, { state: null }] } })
      expect((await server.ask('/2025-10', query)).errors).toHaveLength(1)
    }
    // Kept for each: one fetch of the whole graph, one of the contract.
    expect(server.graph.fetches).toHaveLength(2)
    const hidden = '{ goods { wholesale } }'
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(hidden))
    const extensions = { persistedQuery: { version: 1, sha256Hash: Buffer.from(digest).toString('hex') } }
    expect(await server.ask('', hidden, { extensions })).toMatchObject({ data: { goods: [{ wholesale: 3 }, {}] } })
    const byHash = await (await server.post('/partner', { extensions })).json()
    expect(byHash).toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] })
  })

  it('answers by GET, in parts, as events and over a WebSocket', async () => {
    await using server = await start()
    const { graph } = server
    const search = new URLSearchParams({ query: '{ goods { name } }' })
    const got = await fetch(`${graph.graph}/2026-10?${search.toString()}`, {
      headers: { ...headersOf(), 'apollo-require-preflight': '1' },
    })
    expect([got.status, got.headers.get('x-tributary-version')]).toEqual([200, '2026-10'])

    const multipart = await server.post(
      '/partner',
      { query: 'subscription { ticked { at } }' },
      { accept: 'multipart/mixed;subscriptionSpec=1.0, application/json' },
    )
    expect(multipart.headers.get('x-tributary-version')).toBe('partner')
    expect(multipart.headers.get('content-type')).toContain('multipart/mixed')
    await multipart.body?.cancel()

    const events = await server.post(
      '/partner/stream',
      { query: '{ goods { wholesale } }' },
      { accept: 'text/event-stream' },
    )
    expect(events.headers.get('x-tributary-version')).toBe('partner')
    expect(await events.text()).toContain('GRAPHQL_VALIDATION_FAILED')

    let upgraded: string | undefined
    class Telling extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args)
        this.on('upgrade', ({ headers }) => (upgraded = String(headers['x-tributary-version'])))
      }
    }
    const client = createClient({
      url: `${graph.graph.replace('http', 'ws')}/partner`,
      webSocketImpl: Telling,
      connectionParams: { appId: 'app_test', key: 'key' },
      retryAttempts: 0,
    })
    expect(await client.iterate({ query: '{ goods { name newer } }' }).next()).toMatchObject({
      value: { data: { goods: [{ newer: 1 }, {}] } },
    })
    await expect(client.iterate({ query: '{ margin }' }).next()).rejects.toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ])
    await client.dispose()
    expect(upgraded).toBe('partner')
  })

  it('that has no schema answers so by a code, and takes nothing else with it', async () => {
    const shop = createShop()
    const office = { contracts, editionsOf: () => Promise.reject(new Error('no workshop')) }
    await using graph = await startServedGraph([shop], {
      editionsOf: () => createGraphEditions(office, { path: '/graphql', now, log }),
    })
    const ask = (path: string) =>
      fetch(`${graph.graph}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headersOf() },
        body: '{"query":"{ margin }"}',
      })
    const refused = await ask('/partner')
    expect([refused.status, await refused.json()]).toMatchObject([
      503,
      { errors: [{ extensions: { code: 'CONTRACT_UNAVAILABLE' } }] },
    ])
    expect((await ask('')).status).toBe(200)
  })
})

describe('usage', () => {
  it('is told of the path on which an operation came, of answers, refusals and events', async () => {
    const records: Usage[] = []
    const usage = { record: (one: Usage) => void records.push(one), close: () => Promise.resolve() }
    await using server = await start({ pipeline: { usage } })
    await server.ask('', '{ goods { name } }')
    await server.ask('/2026-10', '{ goods { name } }')
    await server.ask('/partner', 'query ($yes: Boolean!) { goods { name @include(if: $yes) } }')
    const events = await server.post('/partner/stream', { query: 'subscription { ticked { at } }' }, streamed)
    const reader = events.body?.getReader()
    server.shop.tick(1)
    for (let text = ''; !text.includes('"at":1'); text += new TextDecoder().decode((await reader?.read())?.value));
    await reader?.cancel()
    await server[Symbol.asyncDispose]()
    expect(records.map(({ edition, outcome, uses }) => [edition, outcome, uses?.coordinates])).toEqual([
      [null, 'OK', ['Good.name', 'Query.goods']],
      ['2026-10', 'OK', ['Good.name', 'Query.goods']],
      ['partner', 'FAILED', undefined],
      ['partner', 'OK', ['Subscription.ticked', 'Tick.at']],
      ['partner', 'STREAM', ['Subscription.ticked', 'Tick.at']],
    ])
  })
})

const streamed = { accept: 'text/event-stream' }

describe('a version', () => {
  it('that was retired answers a code with the next one, to everybody and over every way', async () => {
    await using server = await start()
    const gone = [410, { code: 'VERSION_RETIRED', version: '2025-04', retiredOn: '2026-04-01', next: '2025-10' }]
    const stranger = { 'x-tributary-key': 'wrong' }
    expect(await refusalOf(await server.post('/2025-04', { query: '{ goods { name } }' }))).toEqual(gone)
    expect(await refusalOf(await server.post('/2025-04', { query: '{ goods { name } }' }, stranger))).toEqual(gone)
    expect(
      await refusalOf(
        await server.post('/2025-04/stream', { query: '{ __typename }' }, { accept: 'text/event-stream' }),
      ),
    ).toEqual(gone)
    expect(
      await refusalOf(await fetch(`${server.graph.graph}/2025-04/schema.graphql`, { headers: headersOf() })),
    ).toEqual(gone)
    expect(await upgradeStatus(`${server.graph.graph}/2025-04`)).toBe(410)
    expect(server.graph.fetches).toEqual([])
  })

  it('that nobody knows, or that has only been announced, answers which ones there are', async () => {
    await using server = await start()
    for (const name of ['2026-13', '2027-04', '1999-01', 'nobody', 'x'.repeat(40)]) {
      const unknown = [404, { code: 'VERSION_UNKNOWN', supported: ['partner', 'internal', '2025-10', '2026-10'] }]
      for (const path of [`/${name}`, `/${name}?a=b`]) {
        expect(await refusalOf(await server.post(path, { query: '{ goods { name } }' })), path).toEqual(unknown)
      }
      expect(await refusalOf(await server.post(`/${name}/stream`, {}, { accept: 'text/event-stream' })), name).toEqual(
        unknown,
      )
      expect(await upgradeStatus(`${server.graph.graph}/${name}`)).toBe(404)
    }
  })

  it('tells in its last ninety days when it ends and what comes after it', async () => {
    await using server = await start()
    const { headers } = await server.post('/2025-10', { query: '{ goods { name } }' })
    expect(headers.get('sunset')).toBe('Fri, 01 Jan 2027 00:00:00 GMT')
    expect(headers.get('deprecation')).toBe(`@${Date.parse('2026-10-03') / 1_000}`)
    expect(headers.get('link')).toBe('</graphql/2026-10>; rel="successor-version"')
    expect((await server.post('/2026-10', { query: '{ goods { name } }' })).headers.has('sunset')).toBe(false)
  })

  it('is over at the first moment of the day of its end, not before', () => {
    expect(() => editionsAt('2026-12-31T23:59:59.999Z').open('2025-10')).not.toThrow()
    expect(() => editionsAt('2027-01-01T00:00:00Z').open('2025-10')).toThrow(
      /retired on 2027-01-01.*\/graphql\/2026-10/,
    )
    expect(() => editionsAt('2029-01-01T00:00:00Z').open('2025-10')).toThrow(/Go on with \/graphql\/partner/)
    expect(() => editionsAt('2027-04-01T00:00:00Z').open('2027-04')).not.toThrow()
  })
})

describe('an address below the graph', () => {
  it.each([
    '/../graphql/partner',
    '/partner/../internal',
    '/%70artner',
    '/partner%2e',
    '/partner/',
    '/partner//',
    '/Partner',
    '/PARTNER',
    '/__proto__',
    '/constructor.name',
    '/2026-10%00',
    '/stream/partner',
    '/schema.graphql/partner',
    `/${'9'.repeat(8_000)}`,
    '/-',
    '/;partner',
    '/partner;x=1',
  ])('of no form that an edition has is nothing (%#)', async (path) => {
    await using server = await start()
    const { status, body } = await raw(server.graph.url, `/graphql${path}`)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(body).toMatch(/"code":"(NOT_FOUND|VERSION_UNKNOWN|BAD_REQUEST)"/)
    expect(server.graph.fetches).toEqual([])
  })

  it('is read without being decoded', () => {
    expect(editionIn('/graphql/2026-10?query=x', '/graphql')).toBe('2026-10')
    for (const url of [
      '/graphql',
      '/graphql?x',
      '/graphqlx',
      '/graphql/',
      '/graphql/stream',
      '/graphql/a/b',
      '/other/a',
    ]) {
      expect(editionIn(url, '/graphql'), url).toBeNull()
    }
  })
})

describe('a stream of a contract', () => {
  const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@tag", "@authenticated", "@composeDirective"])\n`
  const composed = (text: string) =>
    composeTexts([{ name: 'shop', url: 'http://shop.test', sdl: link + cacheControl + text }])

  it.each([
    [
      'goes on over a swap that hides something else',
      sdl.replace('newer: Int', 'newer: Int @tag(name: "internal")'),
      null,
    ],
    [
      'ends when its contract comes to hide what it tells of',
      sdl.replace('{ at: Int ', '{ other: Int at: Int @tag(name: "internal") '),
      'SCHEMA_CHANGED',
    ],
  ])('%s', async (_what, next, code) => {
    let current: FoundSupergraph | null = null
    const told = createQueue<true>({ limit: 100, onEnd: () => undefined })
    const published = createPublishedSubgraphs({
      config: { SUBGRAPH_TIMEOUT_MS: undefined, SHARE_FETCHES: false },
      signatureKey: Buffer.alloc(32),
      transports: new Map(),
      watch: (_name, transport) => transport,
      now: () => new Date(),
      graceMs: 1,
    })
    const source = {
      required: false,
      next: (known: string | null) => Promise.resolve(current?.name === known ? null : current),
      changes(signal: AbortSignal) {
        signal.addEventListener('abort', () => told.end(), { once: true })
        return told.iterator
      },
    }
    const supergraphs = followSupergraph({ source, published, log })
    await using server = await start({ supergraphs })
    const client = createClient({
      url: `${server.graph.graph.replace('http', 'ws')}/partner`,
      webSocketImpl: WebSocket,
      connectionParams: { appId: 'app_test', key: 'key' },
      retryAttempts: 0,
    })
    const events = client.iterate<{ ticked: { at: number } }>({ query: 'subscription { ticked { at } }' })
    const first = events.next()
    while (!server.graph.fetches.some(({ query }) => query.includes('ticked'))) await pause(5)
    server.shop.tick(1)
    expect(await first).toMatchObject({ value: { data: { ticked: { at: 1 } } } })
    const { supergraphSdl, apiSdl } = composed(next)
    current = { name: 'next', supergraphSdl, apiSdl, published: [] }
    told.push(true)
    while (supergraphs.status().supergraph !== 'next') await pause(5)
    server.shop.tick(2)
    if (code === null) expect(await events.next()).toMatchObject({ value: { data: { ticked: { at: 2 } } } })
    else await expect(events.next()).rejects.toMatchObject([{ extensions: { code } }])
    await client.dispose()
  })
})

/** The status that an upgrade is refused with. */
function upgradeStatus(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws')
    socket.on('unexpected-response', (_request, { statusCode }) => {
      socket.terminate()
      resolve(statusCode)
    })
    socket.on('open', () => reject(new Error('it was upgraded')))
    socket.on('error', () => undefined)
  })
}

/** A request with its path as it is: `fetch` would put it in order first. */
async function raw(origin: string, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const { request } = await import('node:http')
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...headersOf() }
    const sent = request({ hostname, port, path, method: 'POST', headers }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    sent.on('error', reject).end('{"query":"{ goods { name } }"}')
  })
}

async function refusalOf(response: Response): Promise<unknown[]> {
  const { errors } = (await response.json()) as Answer
  return [response.status, errors?.[0]?.extensions]
}

async function sessionAt(url: string): Promise<unknown> {
  return (await fetch(`${url}/portal/session`)).json()
}

function editionsAt(time: string) {
  return createEditions({ ...contracts, path: '/graphql' }, () => new Date(time))
}
