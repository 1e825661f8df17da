import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { headersOf } from '../../test/gateway/served-graph.ts'
import { defineBench } from '../bench.ts'
import { rounded, showSpread, spreadOf } from '../measure/statistics.ts'
import { table } from '../measure/table.ts'
import { type Sample, startOpenLoad } from './open-load.ts'
import { mixOf, swapSupergraphs } from './swap-graph.ts'
import type { SwapNews, SwapOrder } from './swap-server.ts'

/** What belongs to a swap: from its order until so long after it. */
const afterMs = 2_000

interface Latency {
  readonly requests: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

interface Swap {
  readonly fromMs: number
  readonly toMs: number
  readonly tookMs: number
  readonly stallP99Ms: number
  readonly stallMaxMs: number
  /** The longest, without the time in which the thread waited for a core. */
  readonly stallOwnMs: number
  readonly rssMb: number
}

export const swapBench = defineBench({
  name: 'swap',
  summary:
    'Requests while the supergraph is swapped: failures, latency and stalls, beside the same load without a swap.',
  options: {
    swaps: { doc: 'swaps', default: 20 },
    rate: { doc: 'requests per second', default: 300 },
    operations: { doc: 'different operations', default: 100 },
    types: { doc: 'types of the graph', default: 10_000 },
    steady: { doc: 'seconds without a swap before the first', default: 20 },
  },
  async run({ swaps, rate, operations, types, steady }, print) {
    print(`composing two supergraphs of ${types} types`)
    const texts = swapSupergraphs({ types })
    const script = fileURLToPath(new URL('swap-server.ts', import.meta.url))
    const unnamed = new URL('../measure/closures-unnamed.mjs', import.meta.url).href
    const child = fork(script, { execArgv: ['--import', unnamed, '--import', 'tsx'] })
    try {
      const { url } = await news(child, 'listening')
      order(child, { kind: 'supergraphs', texts })
      const load = startOpenLoad({
        url,
        headers: { 'content-type': 'application/json', ...headersOf() },
        bodies: mixOf(operations).map((query) => JSON.stringify({ query })),
        perSecond: rate,
      })
      // The first seconds are for the compilers, and the first swap brings the large graph.
      await sleep(3_000)
      const large = news(child, 'swapped')
      order(child, { kind: 'swap' })
      await large
      await sleep(5_000)
      await stall(child)
      const steadyFrom = performance.now()
      await sleep(steady * 1_000)
      const steadyTo = performance.now()
      const quiet = await stall(child)
      const done: Swap[] = []
      for (let swap = 1; swap <= swaps; swap += 1) {
        const fromMs = performance.now()
        const swapped = news(child, 'swapped')
        order(child, { kind: 'swap' })
        const { tookMs } = await swapped
        await sleep(afterMs)
        const { p99Ms, maxMs, ownMs, rssMb } = await stall(child)
        const toMs = performance.now()
        done.push({ fromMs, toMs, tookMs, stallP99Ms: p99Ms, stallMaxMs: maxMs, stallOwnMs: ownMs, rssMb })
        print(
          `swap ${swap}: ${(tookMs / 1_000).toFixed(1)} s, longest stall ${maxMs.toFixed(0)} ms, of its own ${ownMs.toFixed(0)} ms, ${rssMb.toFixed(0)} MB`,
        )
        await sleep(1_000)
        await stall(child)
      }
      await load.stop()
      const within = (from: number, to: number) => load.samples.filter(({ dueMs }) => dueMs >= from && dueMs < to)
      const after = done.flatMap(({ toMs }) => within(toMs - afterMs, toMs))
      const results = {
        swaps,
        rate,
        operations,
        types,
        requests: load.samples.length,
        failures: load.failures.length,
        firstFailure: load.failures[0] ?? null,
        /** How late this process sent a request, at most. */
        sentLateMs: load.latestMs(),
        steady: latencyOf(within(steadyFrom, steadyTo)),
        whileMade: latencyOf(done.flatMap(({ fromMs, toMs }) => within(fromMs, toMs - afterMs))),
        afterSwap: latencyOf(after),
        stallMs: {
          steady: { p99: quiet.p99Ms, max: quiet.maxMs, own: quiet.ownMs },
          p99: spreadOf(done.map(({ stallP99Ms }) => stallP99Ms)),
          max: spreadOf(done.map(({ stallMaxMs }) => stallMaxMs)),
          own: spreadOf(done.map(({ stallOwnMs }) => stallOwnMs)),
        },
        swapMs: spreadOf(done.map(({ tookMs }) => tookMs)),
        rssMb: { steady: quiet.rssMb, swaps: spreadOf(done.map(({ rssMb }) => rssMb)) },
      }
      print(`\n${results.failures} failures of ${results.requests} requests`)
      print(
        table([
          ['', 'requests', 'p50 ms', 'p99 ms', 'p99.9 ms', 'max ms'],
          ...(['steady', 'whileMade', 'afterSwap'] as const).map((when) => {
            const { requests, p50Ms, p99Ms, p999Ms, maxMs } = results[when]
            return [when, String(requests), ...[p50Ms, p99Ms, p999Ms, maxMs].map((ms) => ms.toFixed(1))]
          }),
        ]),
      )
      print(`longest stall of a swap: ${showSpread(results.stallMs.max, 0)} ms; without: ${quiet.maxMs.toFixed(0)} ms`)
      print(`the same without waiting for a core: ${showSpread(results.stallMs.own, 0)} ms`)
      print(`a swap took ${showSpread(results.swapMs, 0)} ms`)
      return rounded(results)
    } finally {
      child.disconnect()
      await once(child, 'exit')
    }
  },
})

function latencyOf(samples: readonly Sample[]): Latency {
  const sorted = samples.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { requests: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: at(1) }
}

function order(child: ChildProcess, ordered: SwapOrder): void {
  child.send(ordered)
}

async function stall(child: ChildProcess) {
  const told = news(child, 'stall')
  order(child, { kind: 'stall' })
  return told
}

async function news<Kind extends SwapNews['kind']>(child: ChildProcess, kind: Kind) {
  for (;;) {
    if (child.exitCode !== null) throw new Error('the server of the bench has ended')
    const heard = new AbortController()
    const { signal } = heard
    const either = Promise.race([once(child, 'message', { signal }), once(child, 'exit', { signal })])
    const [told] = (await either.finally(() => heard.abort())) as [SwapNews]
    if (told.kind === kind) return told as Extract<SwapNews, { readonly kind: Kind }>
  }
}
