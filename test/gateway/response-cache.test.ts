import { type DocumentNode, parse } from 'graphql'
import { expect, it } from 'vitest'
import { cachePolicyOf } from '../../gateway/operation/cache-policy.ts'
import { inlineFragments } from '../../gateway/operation/inline-fragments.ts'
import { selectOperation } from '../../gateway/operation/parse-operation.ts'
import { type MiniSubgraph, createMiniGraph } from './mini-graph.ts'
import { headersOf, startServedGraph } from './served-graph.ts'

const caching = `extend schema
  @link(url: "https://tributary.dev/specs/cacheControl/v1.0", import: ["@cacheControl"])
  @composeDirective(name: "@cacheControl")
  enum cacheControl__Scope { PUBLIC PRIVATE }
  directive @cacheControl(maxAge: Int, scope: cacheControl__Scope, inheritMaxAge: Boolean)
    on FIELD_DEFINITION | OBJECT | INTERFACE | UNION\n`

let name = 'Table'
const catalog: MiniSubgraph = {
  name: 'catalog',
  sdl: `${caching}
    type Query {
      tiers: [Tier!] @authenticated @cacheControl(maxAge: 60)
      product(id: ID!): Product @authenticated @cacheControl(maxAge: 30, scope: PRIVATE)
      news: String @authenticated
      broken: String @authenticated @cacheControl(maxAge: 60)
    }
    type Mutation { rename(name: String!): String @authenticated }
    type Tier @authenticated { name: String!  secret: String @requiresScopes(scopes: [["tier:read"]])
      next: Tier  same: Tier @cacheControl(inheritMaxAge: true) }
    type Product @key(fields: "id") @authenticated { id: ID! name: String short: String @cacheControl(maxAge: 5) }`,
  resolvers: {
    Query: {
      tiers: () => [{ name: 'Gold' }],
      product: (_parent: unknown, { id }: { id: string }) => ({ id, name }),
      news: () => 'none',
      broken: () => {
        throw new Error('broken')
      },
    },
    Mutation: {
      rename: (_parent: unknown, args: { name: string }) => {
        name = args.name
        return name
      },
    },
  },
}
const stock: MiniSubgraph = {
  name: 'stock',
  sdl: 'type Product @key(fields: "id") @authenticated { id: ID! onHand: Int }',
  resolvers: { Product: { __resolveReference: ({ id }: { id: string }) => ({ id }), onHand: () => 3 } },
}

it.each([
  ['{ tiers { name } }', { maxAgeSeconds: 60, scope: 'PUBLIC' }],
  ['{ tiers { same { name } } }', { maxAgeSeconds: 60, scope: 'PUBLIC' }],
  ['{ tiers { next { name } } }', null],
  ['{ product(id: 1) { name } }', { maxAgeSeconds: 30, scope: 'PRIVATE' }],
  ['{ tiers { name } ...P } fragment P on Query { product(id: 1) { name } }', { maxAgeSeconds: 30, scope: 'PRIVATE' }],
  ['{ product(id: 1) { name short } }', { maxAgeSeconds: 5, scope: 'PRIVATE' }],
  ['{ product(id: 1) { name onHand } }', null],
  ['{ tiers { name } news }', null],
  ['{ __typename }', null],
  ['mutation { rename(name: "x") }', null],
])('%s may be kept as its fields say', async (query, expected) => {
  const { snapshot } = await createMiniGraph([catalog, stock])
  const document = parse(query)
  const operation = inlineFragments(document, selectOperation(document, undefined))
  expect(cachePolicyOf(snapshot.supergraphSchema, operation)).toEqual(expected)
})

/** A graph that keeps answers, by a clock of its own. */
async function keepingGraph() {
  let nowMs = 0
  const graph = await createMiniGraph([catalog, stock], { cacheBytes: 100_000, nowMs: () => nowMs })
  const documents = new Map<string, DocumentNode>()
  const run: typeof graph.run = (query, options) => {
    if (typeof query !== 'string') return graph.run(query, options)
    // A document is known again, as fronts know it.
    const document = documents.get(query) ?? parse(query)
    documents.set(query, document)
    return graph.run(document, options)
  }
  return { ...graph, run, passSeconds: (seconds: number) => void (nowMs += seconds * 1_000) }
}

it('answers again without a fetch until the age is over, for one point', async () => {
  const graph = await keepingGraph()
  const query = 'query ($id: ID!) { product(id: $id) { name } }'
  const run = (id: string) => graph.run(query, { variables: { id } })
  const first = await run('1')
  expect(first.caching).toEqual({ maxAgeSeconds: 30, scope: 'PRIVATE' })
  graph.passSeconds(10)
  const second = await run('1')
  expect(second.data).toEqual(first.data)
  expect(second.caching).toEqual({ maxAgeSeconds: 20, scope: 'PRIVATE' })
  expect(second.extensions['cost']).toMatchObject({ requestedQueryCost: 1, actualQueryCost: 1 })
  expect(graph.fetches).toHaveLength(1)
  await run('2')
  expect(graph.fetches).toHaveLength(2)
  graph.passSeconds(20)
  await run('1')
  expect(graph.fetches).toHaveLength(3)
})

it('counts an answer that was kept as a call, and refuses it when there is none left', async () => {
  const graph = await keepingGraph()
  const limits = {
    bucketSize: 100,
    restoreRate: 1,
    maxQueryCost: 100,
    fieldLimits: [{ coordinate: 'Query.tiers', calls: 2, windowSeconds: 60 }],
  }
  const codes = []
  for (let call = 0; call < 3; call += 1)
    codes.push((await graph.run('{ tiers { name } }', { limits })).errors[0]?.code)
  expect(codes).toEqual([undefined, undefined, 'THROTTLED'])
  expect(graph.fetches).toHaveLength(1)
})

it('shares a public answer among those who may see the same, and a private one with nobody', async () => {
  const graph = await keepingGraph()
  await graph.run('{ tiers { name } }', { appId: 'app_a' })
  await graph.run('{ tiers { name } }', { appId: 'app_b' })
  expect(graph.fetches).toHaveLength(1)
  await graph.run('{ tiers { name } }', { appId: 'app_b', scopes: ['tier:read'] })
  expect(graph.fetches).toHaveLength(2)
  await graph.run('{ product(id: 1) { name } }', { appId: 'app_a' })
  await graph.run('{ product(id: 1) { name } }', { appId: 'app_b' })
  expect(graph.fetches).toHaveLength(4)
})

it('keeps no answer with errors, and none of what was denied', async () => {
  const graph = await keepingGraph()
  for (const query of ['{ broken }', '{ tiers { name secret } }']) {
    expect((await graph.run(query)).caching).toBeNull()
    await graph.run(query)
  }
  expect(graph.fetches).toHaveLength(4)
})

it('forgets what an organization was answered when it changes something', async () => {
  const graph = await keepingGraph()
  const ask = async () => (await graph.run('{ product(id: 1) { name } }')).data
  expect(await ask()).toEqual({ product: { name: 'Table' } })
  await graph.run('mutation { rename(name: "Chair") }')
  expect(await ask()).toEqual({ product: { name: 'Chair' } })
  await graph.run('mutation { rename(name: "Table") }')
})

it('asks anew for who wants no answer that was kept', async () => {
  await using served = await startServedGraph([catalog, stock], { pipeline: { cacheBytes: 100_000 } })
  const ask = (headers = {}) =>
    fetch(served.graph, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersOf(), ...headers },
      body: JSON.stringify({ query: '{ tiers { name } }' }),
    })
  for (const headers of [{}, {}, { 'cache-control': 'no-cache' }, {}]) expect((await ask(headers)).status).toBe(200)
  expect(served.fetches).toHaveLength(2)
})

it('tells by GET how long an answer may be kept, and answers 304 to who has it', async () => {
  await using served = await startServedGraph([catalog, stock])
  const get = (query: string, headers = {}) =>
    fetch(`${served.graph}?query=${encodeURIComponent(query)}`, { headers: { ...headersOf(), ...headers } })
  const response = await get('{ tiers { name } }')
  expect(response.headers.get('cache-control')).toBe('private, max-age=60')
  expect(response.headers.get('vary')).toContain('x-tributary-key')
  const etag = response.headers.get('etag') ?? ''
  expect(etag).toMatch(/^W\/"/)
  const again = await get('{ tiers { name } }', { 'if-none-match': etag })
  expect([again.status, await again.text()]).toEqual([304, ''])
  expect((await get('{ tiers { name } }', { 'if-none-match': '"other"' })).status).toBe(200)
  expect((await get('{ product(id: 1) { name } }')).headers.get('cache-control')).toBe('private, max-age=30')
  for (const query of ['{ news }', '{ broken }', '{ nothing }']) {
    expect((await get(query)).headers.get('cache-control')).toBe('no-store')
  }
})
