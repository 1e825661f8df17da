import { monitorEventLoopDelay } from 'node:perf_hooks'
import { followSupergraph } from '../../gateway/supergraph/follow-supergraph.ts'
import { createPublishedSubgraphs } from '../../gateway/subgraphs/published-subgraphs.ts'
import { createQueue } from '../../kit/event-queue.ts'
import { createLogger } from '../../kit/log.ts'
import type { ComposedTexts } from '../../kit/schema-workshop.ts'
import { startServedGraph } from '../../test/gateway/served-graph.ts'
import { remembering } from '../gateway/remembering.ts'
import { watchOwnStalls } from './own-stalls.ts'
import { answeringSchema, swapSubgraphs } from './swap-graph.ts'

/** What the process is told. */
export type SwapOrder =
  | { readonly kind: 'supergraphs'; readonly texts: readonly ComposedTexts[] }
  | { readonly kind: 'swap' }
  | { readonly kind: 'stall' }

/** What it tells. */
export type SwapNews =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'swapped'; readonly tookMs: number }
  | {
      readonly kind: 'stall'
      readonly p99Ms: number
      readonly maxMs: number
      readonly ownMs: number
      readonly rssMb: number
    }

const resolutionMs = 1
const tell = (news: SwapNews): void => void process.send?.(news)
const told = createQueue<true>({ limit: 1_000, onEnd: () => undefined })
let texts: readonly ComposedTexts[] = []
let number = 0

const supergraphs = followSupergraph({
  source: {
    required: false,
    next(known) {
      const found = texts[number % texts.length]
      if (number === 0 || !found || known === String(number)) return Promise.resolve(null)
      return Promise.resolve({ ...found, name: String(number), published: [] })
    },
    changes(signal) {
      signal.addEventListener('abort', () => told.end(), { once: true })
      return told.iterator
    },
  },
  published: createPublishedSubgraphs({
    config: { SUBGRAPH_TIMEOUT_MS: undefined, SHARE_FETCHES: false },
    signatureKey: Buffer.alloc(32),
    transports: new Map(),
    watch: (_name, transport) => transport,
    now: () => new Date(),
    graceMs: 1_000,
  }),
  log: createLogger('bench', 'error'),
})

const soMuch = 1e15
// It begins with a small graph, as the product does with its own.
const graph = await startServedGraph(
  swapSubgraphs({ types: 0 }).map((subgraph) => ({ ...subgraph, resolvers: {} })),
  {
    supergraphs,
    limits: { bucketSize: soMuch, restoreRate: soMuch, maxQueryCost: soMuch },
    pipeline: { nowMs: () => performance.now() },
    connect: ({ name }) => Promise.resolve(remembering(() => answeringSchema(Number(name.slice(1))))),
  },
)
const delay = monitorEventLoopDelay({ resolution: resolutionMs })
delay.enable()
const stalls = watchOwnStalls()

process.on('message', (order: SwapOrder) => {
  if (order.kind === 'supergraphs') texts = order.texts
  else if (order.kind === 'swap') void swap()
  else {
    // The timer's own period is in what it measures.
    const ms = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs)
    const rssMb = process.memoryUsage.rss() / 2 ** 20
    tell({ kind: 'stall', p99Ms: ms(delay.percentile(99)), maxMs: ms(delay.max), ownMs: stalls.longestMs(), rssMb })
    stalls.reset()
    delay.reset()
    graph.fetches.length = 0
  }
})
process.on('disconnect', () => process.exit())
tell({ kind: 'listening', url: graph.graph })

async function swap(): Promise<void> {
  const begun = performance.now()
  number += 1
  told.push(true)
  while (supergraphs.status().supergraph !== String(number)) {
    const { refusedSupergraph } = supergraphs.status()
    if (refusedSupergraph) throw new Error(refusedSupergraph.reason)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  tell({ kind: 'swapped', tookMs: performance.now() - begun })
}
