import { describe, expect, it } from 'vitest'
import { createMemoryLimiter } from '../../gateway/cost/memory-limiter.ts'
import type { Usage } from '../../gateway/cost/usage-recorder.ts'
import { type OpenStream, type StreamEvent, isStream } from '../../gateway/streams/stream-reader.ts'
import type { CodedError } from '../../kit/errors.ts'
import { type RunOptions, type TestPipeline, generousLimits, testCaller, testCursors } from '../gateway/mini-graph.ts'
import { createChangingCaller, createStockGraph } from './stock-graph.ts'

const query = 'subscription ($after: String) { changed(after: $after) { position units item { id name } } }'

interface Told {
  readonly position: number
  readonly units: number | null
  readonly item: { readonly id: string; readonly name: string | null }
}

/** A reader that takes all that it is sent. */
function listen(stream: OpenStream) {
  const events: StreamEvent[] = []
  const told = { events, reason: undefined as CodedError | null | undefined, close: () => undefined as void }
  const reader = stream.read({
    send: (event) => events.push(event) > 0,
    end: (reason) => {
      told.reason = reason
    },
  })
  return { ...told, reasonNow: () => told.reason, close: () => reader.close() }
}

async function open(graph: TestPipeline, options: RunOptions = {}, text = query) {
  const stream = await graph.open(text, options)
  if (!isStream(stream)) throw new Error(stream.body)
  return listen(stream)
}

const changeOf = ({ body }: StreamEvent): Told => (JSON.parse(body) as { data: { changed: Told } }).data.changed
const positionsOf = ({ events }: { events: StreamEvent[] }): number[] => events.map((event) => changeOf(event).position)

describe('many readers of one subscription', () => {
  it('cost one stream of the subgraph, one fetch of other fields and one printed text for each event', async () => {
    const { graph, stock } = await createStockGraph()
    const readers = await Promise.all(Array.from({ length: 50 }, () => open(graph, { scopes: ['units:read'] })))
    stock.commit('a', 3)
    stock.commit('b', 4)
    await expect.poll(() => readers.filter(({ events }) => events.length === 2).length).toBe(50)
    expect(graph.fetches.map(({ subgraph }) => subgraph)).toEqual(['stock', 'catalog', 'catalog'])
    expect(new Set(readers.map(({ events }) => events[0])).size).toBe(1)
    const [first] = readers
    expect(first?.events.map((event) => changeOf(event))).toEqual([
      { position: 1, units: 3, item: { id: 'a', name: 'item a' } },
      { position: 2, units: 4, item: { id: 'b', name: 'item b' } },
    ])
    expect(first?.events.map(({ cursor }) => cursor)).toEqual([testCursors.encode(1), testCursors.encode(2)])
    await graph.pipeline.closeStreams()
  })

  it('share it whatever their cursors and modes, and by no means across apps, organizations, end users or scopes', async () => {
    const { graph, stock } = await createStockGraph()
    stock.commit('a')
    const streams = () => graph.fetches.filter(({ subgraph }) => subgraph === 'stock').length
    const [before] = [await open(graph, { after: testCursors.encode(0) })]
    await expect.poll(() => before && positionsOf(before)).toEqual([1])
    await open(graph)
    await open(graph, { variables: { after: testCursors.encode(1) } })
    await open(graph, {}, query.replace('after: $after', 'after: $after, mode: LATEST'))
    await open(graph, { caller: testCaller({ credentialId: 'another key' }) })
    expect(streams()).toBe(1)
    await open(graph, { caller: testCaller({ appId: 'app_other' }) })
    await open(graph, { caller: testCaller({ organizationId: 'org_other' }) })
    await open(graph, { caller: testCaller({ endUserId: 'user_1' }) })
    await open(graph, { caller: testCaller({ scopes: ['units:read'] }) })
    await open(graph, {}, query.replace('after: $after', 'after: $after, skus: ["a"]'))
    expect(streams()).toBe(6)
    await graph.pipeline.closeStreams()
  })

  it('see it each as their scopes let them', async () => {
    const { graph, stock } = await createStockGraph()
    const gold = await open(graph, { scopes: ['units:read'] })
    const silver = await open(graph)
    stock.commit('a', 3)
    await expect.poll(() => [gold.events.length, silver.events.length]).toEqual([1, 1])
    expect([...gold.events, ...silver.events].map((event) => changeOf(event).units)).toEqual([3, null])
    expect(JSON.parse(silver.events[0]?.body ?? '')).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
    await graph.pipeline.closeStreams()
  })
})

describe('a stream', () => {
  it('replays after a cursor and goes on live, each event once', async () => {
    const { graph, stock } = await createStockGraph()
    for (const sku of ['a', 'b', 'c']) stock.commit(sku)
    const reader = await open(graph, { variables: { after: testCursors.encode(1) } })
    stock.commit('d')
    await expect.poll(() => positionsOf(reader)).toEqual([2, 3, 4])
    await graph.pipeline.closeStreams()
    expect(reader.reasonNow()?.extensions).toEqual({ code: 'SERVER_CLOSING', cursor: testCursors.encode(4) })
  })

  it('goes on when its subgraph was cut off, with what happened meanwhile', async () => {
    const { graph, stock } = await createStockGraph()
    const reader = await open(graph)
    stock.cut()
    stock.commit('a')
    await expect.poll(() => positionsOf(reader)).toEqual([1])
    stock.cut()
    stock.commit('b')
    await expect.poll(() => positionsOf(reader)).toEqual([1, 2])
    expect(reader.reasonNow()).toBeUndefined()
    await graph.pipeline.closeStreams()
  })

  it('is refused as the subgraph refuses it, for a cursor that is none', async () => {
    const { graph } = await createStockGraph()
    const refused = await graph.open(query, { variables: { after: 'nonsense' } })
    if (isStream(refused)) throw new Error('it was opened')
    expect(refused.errors.map(({ code }) => code)).toEqual(['FORBIDDEN', 'BAD_USER_INPUT'])
  })

  it('of a key that was revoked is closed with its cursor, and those of other keys go on', async () => {
    const { graph, stock } = await createStockGraph()
    const caller = createChangingCaller([])
    const revoked = await open(graph, { identity: caller.identity })
    const other = await open(graph, { caller: testCaller({ credentialId: 'another key' }) })
    stock.commit('a')
    await expect.poll(() => [revoked.events.length, other.events.length]).toEqual([1, 1])
    caller.end()
    expect(revoked.reasonNow()?.extensions).toEqual({ code: 'UNAUTHENTICATED', cursor: testCursors.encode(1) })
    stock.commit('b')
    await expect.poll(() => positionsOf(other)).toEqual([1, 2])
    expect(revoked.events).toHaveLength(1)
    await graph.pipeline.closeStreams()
  })

  it('whose caller lost a scope goes on without what needs it, and loses no event by it', async () => {
    const { graph, stock } = await createStockGraph()
    const caller = createChangingCaller(['units:read'])
    const reader = await open(graph, { identity: caller.identity })
    stock.commit('a', 3)
    await expect.poll(() => reader.events.length).toBe(1)
    caller.narrow([])
    stock.commit('b', 4)
    await expect.poll(() => reader.events.map((event) => changeOf(event).units)).toEqual([3, null])
    await graph.pipeline.closeStreams()
  })
})

describe('a supergraph that is swapped', () => {
  it('closes the streams whose fields have changed, with their cursor; others go on and lose nothing', async () => {
    const { graph, stock } = await createStockGraph()
    const whole = await open(graph)
    const narrow = await open(graph, {}, 'subscription { changed { position } }')
    stock.commit('a')
    await expect.poll(() => [whole.events.length, narrow.events.length]).toEqual([1, 1])
    const { graph: next } = await createStockGraph({ renamed: true })
    graph.pipeline.adopt(next.snapshot)
    expect(whole.reasonNow()?.extensions).toEqual({ code: 'SCHEMA_CHANGED', cursor: testCursors.encode(1) })
    stock.commit('b')
    await expect.poll(() => positionsOf(narrow)).toEqual([1, 2])
    await graph.pipeline.closeStreams()
  })

  it('closes nothing when it only has more', async () => {
    const { graph, stock } = await createStockGraph()
    const reader = await open(graph)
    const { graph: next } = await createStockGraph({ extra: 'extend type Change { more: Int @authenticated }' })
    graph.pipeline.adopt(next.snapshot)
    stock.commit('a')
    await expect.poll(() => positionsOf(reader)).toEqual([1])
    await graph.pipeline.closeStreams()
  })
})

const sumOf = (of: readonly Usage[], part: 'events' | 'cost'): number =>
  of.reduce((sum, used) => sum + (used[part] ?? 0), 0)

describe('events of streams', () => {
  it('are charged to the app and recorded as usage, as many as were delivered', async () => {
    const records: Usage[] = []
    const limiter = createMemoryLimiter(() => 0)
    const usage = { record: (used: Usage) => void records.push(used), close: () => Promise.resolve() }
    const { graph, stock } = await createStockGraph({ limiter, usage })
    const readers = [await open(graph), await open(graph), await open(graph)]
    for (let at = 0; at < 20; at += 1) stock.commit('a')
    await expect.poll(() => readers.map(({ events }) => events.length)).toEqual([20, 20, 20])
    await graph.pipeline.closeStreams()
    const streamed = records.filter(({ outcome }) => outcome === 'STREAM')
    expect(sumOf(streamed, 'events')).toBe(60)
    // A change and its item: two objects.
    expect(sumOf(streamed, 'cost')).toBe(120)
    const bucket = { kind: 'bucket', key: 'points:app_test', size: 100_000, rate: 1_000, points: 0 } as const
    const [state] = await limiter.look([bucket])
    expect(state?.used).toBe(sumOf(records, 'cost'))
  })

  it('that the app cannot pay close its streams with its cursor and when to come back, until they are paid', async () => {
    let now = 0
    const { graph, stock } = await createStockGraph({ limiter: createMemoryLimiter(() => now) })
    const limits = { ...generousLimits, bucketSize: 100, restoreRate: 10 }
    const reader = await open(graph, { limits })
    for (let at = 0; at < 100; at += 1) stock.commit('a')
    await expect.poll(() => reader.events.length).toBe(100)
    await expect
      .poll(() => reader.reasonNow()?.extensions)
      .toMatchObject({
        code: 'THROTTLED',
        cursor: testCursors.encode(100),
        retryAfter: expect.any(Number) as number,
      })
    expect(await graph.open(query, { limits })).toMatchObject({ errors: [{ code: 'THROTTLED' }] })
    const opened = async (): Promise<boolean> => {
      now += 10_000
      return isStream(await graph.open(query, { limits }))
    }
    await expect.poll(opened, { interval: 200 }).toBe(true)
    await graph.pipeline.closeStreams()
  })
})
