import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { Defer20220824Handler } from '@apollo/client/incremental'
import { afterEach, describe, expect, it } from 'vitest'
import type { Usage, UsageRecorder } from '../../gateway/cost/usage-recorder.ts'
import { mergeParts } from './merge-parts.ts'
import type { MiniSubgraph, Payload, PipelineOptions } from './mini-graph.ts'
import { type FrontName, type ServedGraph, fronts, headersOf, startServedGraph } from './served-graph.ts'

const goods = ['1', '2', '3'].map((id) => ({ id, name: `name ${id}`, box: { width: Number(id), depth: 7 } }))

const catalog: MiniSubgraph = {
  name: 'catalog',
  sdl: `type Query { items: [Item!] @authenticated none: [Item!] @authenticated hello: String @authenticated }
    type Mutation { rename: Item @authenticated }
    type Item @key(fields: "id") @authenticated { id: ID! name: String box: Box }
    type Box @authenticated { width: Int depth: Int }`,
  resolvers: {
    Query: { items: () => goods, none: () => [], hello: () => 'hello' },
    Mutation: { rename: () => goods[0] },
    Item: { __resolveReference: ({ id }: { id: string }) => goods.find((each) => each.id === id) },
  },
}

/** An item as Apollo Client keeps it. */
function item(id: string): object {
  return { __typename: 'Item', id }
}

/** A subgraph whose answers wait until the test lets them go. */
class SlowStock {
  #release = (): void => undefined
  readonly #held = new Promise<void>((resolve) => {
    this.#release = resolve
  })
  /** Told when an answer waits. */
  asked = (): void => undefined
  readonly subgraph: MiniSubgraph = {
    name: 'stock',
    sdl: `type Item @key(fields: "id") @authenticated {
        id: ID! count: Int sure: Int! shelf: String secret: String @requiresScopes(scopes: [["stock:read"]])
      }`,
    resolvers: {
      Item: {
        __resolveReference: async ({ id }: { id: string }) => {
          this.asked()
          await this.#held
          return { id, count: Number(id) * 10, sure: id === '2' ? null : 1, shelf: `shelf ${id}`, secret: 'secret' }
        },
        shelf: ({ id, shelf }: { id: string; shelf: string }) => {
          if (id === '3') throw new Error('a shelf is broken')
          return shelf
        },
      },
    },
  }

  release(): void {
    this.#release()
  }
}

let served: ServedGraph | undefined
let stock: SlowStock
async function serve(
  front: FrontName = 'tributary',
  { limits = {}, pipeline = {} }: { readonly limits?: object; readonly pipeline?: PipelineOptions } = {},
): Promise<ServedGraph> {
  stock = new SlowStock()
  served = await startServedGraph([catalog, stock.subgraph], { http: { front }, limits, pipeline })
  return served
}
afterEach(async () => {
  stock.release()
  await served?.[Symbol.asyncDispose]()
  served = undefined
})

const accept = 'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9'
const ask = async (query: string, headers: Record<string, string> = {}, variables: object = {}, signal?: AbortSignal) =>
  fetch((served ?? (await serve())).graph, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(), accept, ...headers },
    body: JSON.stringify({ query, variables }),
    ...(signal ? { signal } : {}),
  })

/** Reads parts as they come, by the grammar of RFC 2046 with the boundary `-`. */
async function* partsOf(response: Response): AsyncGenerator<Payload, string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    for (let at = text.indexOf('\r\n---'); at >= 0; at = text.indexOf('\r\n---')) {
      const part = text.slice(0, at)
      text = text.slice(at + '\r\n---'.length)
      if (part === '') continue
      const [head, body, ...others] = part.split('\r\n\r\n')
      expect(head).toBe('\r\ncontent-type: application/json; charset=utf-8')
      expect(others).toEqual([])
      yield JSON.parse(body ?? '') as Payload
    }
  }
  return text
}

async function allParts(response: Response): Promise<Payload[]> {
  expect(response.headers.get('content-type')).toBe('multipart/mixed; boundary="-"; deferSpec=20220824')
  const parts = partsOf(response)
  const found: Payload[] = []
  for (let next = await parts.next(); ; next = await parts.next()) {
    if (next.done) {
      expect(next.value).toBe('--\r\n')
      return found
    }
    found.push(next.value)
  }
}

it.each(fronts)('sends what is there before a slow subgraph has answered, over the front %s', async (front) => {
  await serve(front)
  const response = await ask('{ items { id ...Stock @defer(label: "stock") } } fragment Stock on Item { count }')
  const parts = partsOf(response)
  const first = await parts.next()
  expect(first.value).toEqual({ data: { items: [{ id: '1' }, { id: '2' }, { id: '3' }] }, hasNext: true })
  stock.release()
  expect((await parts.next()).value).toEqual({
    incremental: [
      { label: 'stock', path: ['items', 0], data: { count: 10 } },
      { label: 'stock', path: ['items', 1], data: { count: 20 } },
      { label: 'stock', path: ['items', 2], data: { count: 30 } },
    ],
    hasNext: true,
  })
  expect((await parts.next()).value).toEqual({
    hasNext: false,
    extensions: { cost: expect.objectContaining({ requestedQueryCost: expect.any(Number) as number }) as object },
  })
  expect(await parts.next()).toEqual({ done: true, value: '--\r\n' })
  expect(response.headers.get('ratelimit')).not.toBeNull()
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('content-encoding')).toBeNull()
})

it('is understood by Apollo Client', async () => {
  const { graph } = await serve()
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({ uri: graph, headers: headersOf() }),
    incrementalHandler: new Defer20220824Handler(),
  })
  const seen: unknown[] = []
  await new Promise<void>((resolve, reject) => {
    client
      .watchQuery({
        query: gql`
          {
            items {
              id
              ... @defer {
                count
              }
            }
          }
        `,
      })
      .subscribe({
        next({ data, dataState, error }) {
          if (error) reject(error)
          if (dataState === 'empty') return
          seen.push(structuredClone(data))
          if (dataState === 'complete') resolve()
          else stock.release()
        },
        error: reject,
      })
  })
  expect(seen).toEqual([
    { items: [item('1'), item('2'), item('3')] },
    { items: [1, 2, 3].map((id) => ({ ...item(String(id)), count: id * 10 })) },
  ])
})

describe('is answered whole', () => {
  const query = 'query ($later: Boolean = true) { items { id ... @defer(if: $later) { count } } }'
  const whole = { items: ['1', '2', '3'].map((id) => ({ id, count: Number(id) * 10 })) }
  it.each([
    ['to a client that does not accept parts', { accept: 'application/json' }, {}],
    ['to a client of another version', { accept: 'multipart/mixed;deferSpec=20990101,application/json' }, {}],
    ['where nothing is deferred by the variables', {}, { later: false }],
  ])('%s', async (_what, headers, variables) => {
    await serve()
    stock.release()
    const response = await ask(query, headers, variables)
    expect(response.headers.get('content-type')).toMatch(/^application\/(graphql-response\+)?json; charset=utf-8$/)
    expect(await response.json()).toMatchObject({ data: whole })
  })

  it.each(fronts)('to a client of the front %s that does not accept parts', async (front) => {
    await serve(front)
    stock.release()
    expect(await (await ask(query, { accept: 'application/json' })).json()).toMatchObject({ data: whole })
  })

  it('where it is a mutation', async () => {
    await serve()
    stock.release()
    const response = await ask('mutation { rename { id ... @defer { count } } }')
    expect(await response.json()).toMatchObject({ data: { rename: { id: '1', count: 10 } } })
  })
})

it('tells errors with the parts and places that they are about, and lets null go no further than a part', async () => {
  await serve()
  stock.release()
  const parts = await allParts(
    await ask(`{ all: items { id ... @defer(label: "sure") { sure } ... @defer(label: "shelf") { on: shelf } } }`),
  )
  const { data, errors } = mergeParts(parts)
  expect(data).toEqual({
    all: [
      { id: '1', sure: 1, on: 'shelf 1' },
      { id: '2', on: 'shelf 2' },
      { id: '3', sure: 1, on: null },
    ],
  })
  expect(errors.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      ['all', 1, 'sure'],
      ['all', 2, 'on'],
    ]),
  )
  expect(errors).toHaveLength(2)
  const items = parts.flatMap(({ incremental = [] }) => incremental)
  const withErrors = items.filter(({ errors: own }) => own)
  expect(Object.fromEntries(withErrors.map(({ label, path, data: own }) => [label, { path, own }]))).toEqual({
    sure: { path: ['all', 1], own: null },
    shelf: { path: ['all', 2], own: { on: null } },
  })
  expect(parts[0]?.errors).toBeUndefined()
})

it('tells a denial once, with the part that it is about', async () => {
  await serve()
  stock.release()
  const parts = await allParts(await ask('{ items { id ... @defer { count secret } } }'))
  const told = parts.flatMap(({ errors = [], incremental = [] }) => [
    ...errors,
    ...incremental.flatMap((part) => part.errors ?? []),
  ])
  expect(told).toMatchObject([{ path: ['items', 'secret'], extensions: { code: 'FORBIDDEN' } }])
  expect(mergeParts(parts).data).toMatchObject({ items: [{ count: 10, secret: null }, {}, {}] })
  expect(JSON.stringify(served?.fetches)).not.toContain('secret')
})

it('sends a part within a part after it', async () => {
  await serve()
  stock.release()
  const parts = await allParts(
    await ask(`{ items { ... @defer(label: "outer") { name ... @defer(label: "inner") { count box { width } } } } }`),
  )
  expect(parts[0]).toEqual({ data: { items: [{}, {}, {}] }, hasNext: true })
  const labels = parts.flatMap(({ incremental = [] }) => incremental.map(({ label }) => label))
  expect(labels).toEqual(['outer', 'outer', 'outer', 'inner', 'inner', 'inner'])
  expect(mergeParts(parts).data).toMatchObject({ items: [{ name: 'name 1', count: 10, box: { width: 1 } }, {}, {}] })
})

it('has no part of a list without items, and ends', async () => {
  await serve()
  const parts = await allParts(await ask('{ none { id ... @defer { count } } }'))
  expect(parts).toMatchObject([{ data: { none: [] }, hasNext: true }, { hasNext: false }])
})

it('refuses an operation before any part like any other', async () => {
  await serve('tributary', { limits: { maxQueryCost: 1 } })
  const response = await ask('{ items { id ... @defer { count } } }')
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'COST_LIMIT_EXCEEDED' } }] })
})

it('refuses more deferred fragments than one operation may have, counted where they are spread', async () => {
  await serve()
  const spreads = Array.from({ length: 7 }, (_, index) => `a${index}: items { ...F }`).join(' ')
  const query = `{ ${spreads} } fragment F on Item { ... @defer { id } ... @defer { name } ... @defer { count } }`
  expect(await (await ask(query)).json()).toMatchObject({
    errors: [{ extensions: { code: 'OPERATION_TOO_COMPLEX', limit: 'deferred', maximum: 20 } }],
  })
})

it('is metered once, when all parts are sent, at what it cost in the end', async () => {
  const { usage, recorded } = recording()
  await serve('tributary', { pipeline: { usage } })
  stock.release()
  const parts = await allParts(await ask('{ items { id ... @defer { count } } }'))
  expect(recorded).toMatchObject([{ calls: 1, operations: 1, outcome: 'OK' }])
  expect(parts.at(-1)?.extensions).toMatchObject({ cost: { actualQueryCost: recorded[0]?.cost } })
})

it('is ended and charged whole when its client goes after the first part', async () => {
  const { usage, recorded, next } = recording()
  await serve('tributary', { pipeline: { usage } })
  const query = '{ items { id ... @defer { count } } }'
  const gone = new AbortController()
  const asked = new Promise<void>((resolve) => {
    stock.asked = resolve
  })
  const response = await ask(query, {}, {}, gone.signal)
  await partsOf(response).next()
  await asked
  const ended = next()
  gone.abort()
  // The subgraph still holds its answer: nobody waits for that.
  await ended
  stock.release()
  const whole = (await (await ask(query, { accept: 'application/json' })).json()) as {
    extensions: { cost: { requestedQueryCost: number } }
  }
  expect(recorded[0]).toMatchObject({ calls: 1, cost: whole.extensions.cost.requestedQueryCost })
})

it('tells of a part whose subgraph has not answered in time, and ends', async () => {
  await serve('tributary', { pipeline: { deadlineMs: 300 } })
  const parts = await allParts(await ask('{ items { id ... @defer { count } } }'))
  expect(parts[0]).toEqual({ data: { items: [{ id: '1' }, { id: '2' }, { id: '3' }] }, hasNext: true })
  const { data, errors } = mergeParts(parts)
  expect(data).toMatchObject({ items: [{ count: null }, { count: null }, { count: null }] })
  expect(errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_TIMEOUT' } }])
})

it('shows @defer in the schema that introspection tells', async () => {
  await serve()
  const response = await ask('{ __schema { directives { name locations } } }')
  const { data } = (await response.json()) as { data: { __schema: { directives: { name: string }[] } } }
  expect(data.__schema.directives).toContainEqual({ name: 'defer', locations: ['FRAGMENT_SPREAD', 'INLINE_FRAGMENT'] })
})

function recording() {
  const recorded: Usage[] = []
  const waiting: (() => void)[] = []
  const usage: UsageRecorder = {
    record(used) {
      recorded.push(used)
      for (const tell of waiting.splice(0)) tell()
    },
    close: () => Promise.resolve(),
  }
  const next = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve)
    })
  return { usage, recorded, next }
}
