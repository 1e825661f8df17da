import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  type FoundSupergraph,
  type SupergraphFollowing,
  type SupergraphSource,
  followSupergraph,
} from '../../gateway/supergraph/follow-supergraph.ts'
import type { PlannerName } from '../../gateway/plan/planner.ts'
import type { SupergraphSnapshot } from '../../gateway/plan/supergraph-snapshot.ts'
import { createPublishedSubgraphs } from '../../gateway/subgraphs/published-subgraphs.ts'
import { createQueue } from '../../kit/event-queue.ts'
import { createLogger } from '../../kit/log.ts'
import { composeTexts } from '../../schema/checks/check-candidate.ts'
import type { MiniSubgraph } from './mini-graph.ts'
import { fronts, headersOf, metricsToken, startServedGraph } from './served-graph.ts'

/** Between two looks at what comes to be: to look without a pause takes the machine from what is waited for. */
const look = (): Promise<void> => pause(5)

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@authenticated"])\n`
/** Versions of what is served differ in one field, which the subgraph has always had. */
const sdlWith = (more: string): string => `type Query @authenticated { name: String slow: String ${more} }`
const whole = sdlWith('later: String')

/** A subgraph whose slow field answers when it is told to. */
function createShop(): MiniSubgraph & { readonly release: () => void } {
  const released = new AbortController()
  const slow = async (): Promise<string> => {
    if (!released.signal.aborted) await once(released.signal, 'abort')
    return 'slow'
  }
  return {
    name: 'shop',
    sdl: whole,
    resolvers: { Query: { name: () => 'shop', later: () => 'later', slow } },
    release: () => released.abort(),
  }
}

/** A source that gives what it was told last. */
function createSource(): SupergraphSource & { give(name: string, found: Partial<FoundSupergraph>): void } {
  let current: FoundSupergraph | null = null
  const told = createQueue<true>({ limit: 100, onEnd: () => undefined })
  return {
    required: false,
    next: (known) => Promise.resolve(current?.name === known ? null : current),
    changes(signal) {
      signal.addEventListener('abort', () => told.end(), { once: true })
      return told.iterator
    },
    give(name, found) {
      const { supergraphSdl, apiSdl } = composeTexts([{ name: 'shop', url: 'http://shop.test', sdl: link + whole }])
      current = { name, supergraphSdl, apiSdl, published: [], ...found }
      told.push(true)
    },
  }
}

const composed = (more: string) => composeTexts([{ name: 'shop', url: 'http://shop.test', sdl: link + sdlWith(more) }])

describe.each(fronts)('a supergraph that is replaced behind the front %s', (front) => {
  const log = createLogger('test', 'silent')

  async function start(planner: PlannerName = 'rust') {
    const shop = createShop()
    const source = createSource()
    const published = createPublishedSubgraphs({
      config: { SUBGRAPH_TIMEOUT_MS: undefined, SHARE_FETCHES: false },
      signatureKey: Buffer.alloc(32),
      transports: new Map(),
      watch: (_name, transport) => transport,
      now: () => new Date(),
      graceMs: 1,
    })
    const following = followSupergraph({ source, published, log })
    const snapshots: WeakRef<SupergraphSnapshot>[] = []
    const supergraphs: SupergraphFollowing = {
      ...following,
      follow: (server) =>
        following.follow({
          ...server,
          async prepare(next) {
            const prepared = await server.prepare(next)
            snapshots.push(new WeakRef(prepared.snapshot))
            return prepared
          },
        }),
    }
    const graph = await startServedGraph([shop], { http: { front }, supergraphs, pipeline: { planner } })
    const ask = async (query: string): Promise<{ data?: Record<string, unknown>; errors?: { message: string }[] }> => {
      const response = await fetch(graph.graph, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headersOf() },
        body: JSON.stringify({ query }),
      })
      return (await response.json()) as { data?: Record<string, unknown>; errors?: { message: string }[] }
    }
    const served = async (name: string): Promise<void> => {
      while (supergraphs.status().supergraph !== name) {
        const { refusedSupergraph } = supergraphs.status()
        if (refusedSupergraph?.name === name) throw new Error(refusedSupergraph.reason)
        await look()
      }
    }
    return { shop, source, supergraphs, graph, ask, served, snapshots }
  }

  it('loses no request over several swaps under load', { timeout: 120_000 }, async () => {
    const { graph, source, ask, served } = await start()
    await using _graph = graph
    const stopped = new AbortController()
    const failures: unknown[] = []
    let answered = 0
    const client = async (): Promise<void> => {
      while (!stopped.signal.aborted) {
        const answer = await ask('{ name }').catch((error: unknown) => ({ errors: [error], data: undefined }))
        answered += 1
        if (answer.errors || answer.data?.['name'] !== 'shop') failures.push(answer)
      }
    }
    const clients = Array.from({ length: 4 }, client)
    for (let swap = 1; swap <= 6; swap += 1) {
      const isLonger = swap % 2 === 1
      source.give(String(swap), composed(isLonger ? 'later: String' : ''))
      await served(String(swap))
      const { data } = await ask('{ later }')
      expect(data).toEqual(isLonger ? { later: 'later' } : undefined)
    }
    stopped.abort()
    await Promise.all(clients)
    expect(failures).toEqual([])
    expect(answered).toBeGreaterThan(6)
  })

  it('lets operations end on the graph that they began with', async () => {
    const { graph, source, shop, ask, served } = await start()
    await using _graph = graph
    source.give('1', composed('later: String'))
    await served('1')
    const begun = ask('{ slow later }')
    while (!graph.fetches.some(({ query }) => query.includes('slow'))) await look()
    source.give('2', composed(''))
    await served('2')
    shop.release()
    expect(await begun).toMatchObject({ data: { slow: 'slow', later: 'later' } })
    expect((await ask('{ later }')).errors).toHaveLength(1)
  })

  it('is refused when it cannot be served, and told by health, while the one before serves on', async () => {
    const { graph, source, supergraphs, ask, served } = await start()
    await using _graph = graph
    source.give('1', composed('later: String'))
    await served('1')
    source.give('2', { supergraphSdl: 'type Query { name: String }' })
    while (supergraphs.status().refusedSupergraph === null) await look()
    const health = (await (await fetch(`${graph.url}/health`)).json()) as object
    expect(health).toMatchObject({
      status: 'ok',
      supergraph: '1',
      refusedSupergraph: { name: '2', reason: expect.any(String) },
    })
    expect(await ask('{ later }')).toMatchObject({ data: { later: 'later' } })
    source.give('3', composed(''))
    await served('3')
    expect(supergraphs.status().refusedSupergraph).toBeNull()
  })

  it('is named by the metrics, with the one that was refused', async () => {
    const { graph, source, supergraphs, served } = await start()
    await using _graph = graph
    const told = async (): Promise<string[]> => {
      const response = await fetch(`${graph.url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } })
      return (await response.text()).split('\n').filter((line) => line.startsWith('tributary_supergraph_'))
    }
    expect(await told()).toEqual(['tributary_supergraph_served{supergraph="product"} 1'])
    source.give('1', composed(''))
    await served('1')
    source.give('2', { supergraphSdl: 'type Query { name: String }' })
    while (supergraphs.status().refusedSupergraph === null) await look()
    expect(await told()).toEqual([
      'tributary_supergraph_served{supergraph="1"} 1',
      'tributary_supergraph_refused{supergraph="2"} 1',
    ])
  })

  it('is planned for by Apollo’s planner too', async () => {
    const { graph, source, ask, served } = await start('apollo')
    await using _graph = graph
    expect(await ask('{ name }')).toMatchObject({ data: { name: 'shop' } })
    source.give('1', composed(''))
    await served('1')
    expect(await ask('{ name }')).toMatchObject({ data: { name: 'shop' } })
    expect(await ask('{ again: name }')).toMatchObject({ data: { again: 'shop' } })
    expect((await ask('{ later }')).errors).toHaveLength(1)
  })

  it('is forgotten soon after, whatever was asked of it', async () => {
    const { graph, source, ask, served, snapshots } = await start()
    await using _graph = graph
    for (let swap = 1; swap <= 5; swap += 1) {
      source.give(String(swap), composed(swap % 2 === 1 ? 'later: String' : ''))
      await served(String(swap))
      await ask('{ name }')
      await ask('{ __schema { queryType { name } } }')
    }
    expect(snapshots).toHaveLength(5)
    // What is left of a request keeps what it began with until the event loop has let it go.
    await expect
      .poll(() => {
        collectGarbage()
        return snapshots.filter((snapshot) => snapshot.deref() !== undefined).length
      })
      .toBeLessThanOrEqual(2)
  })
})

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}
