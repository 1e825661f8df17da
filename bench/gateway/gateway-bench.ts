import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parse } from 'graphql'
import { createCircuitBreaker } from '../../gateway/transport/circuit-breaker.ts'
import { createRemoteTransport } from '../../gateway/transport/remote-transport.ts'
import type { Transport } from '../../gateway/transport/transport.ts'
import { defineBench } from '../bench.ts'
import { type Spread, rounded, showSpread, spreadOf } from '../measure/statistics.ts'
import { table } from '../measure/table.ts'
import { type GraphSize, madeUpQuery, makeUpGraph } from './made-up-graph.ts'

const usual: GraphSize = { subgraphs: 5, types: 100, items: 20, textLength: 30 }

/** What one row measures: a graph, and how many of its subgraphs an operation asks. */
interface Case extends GraphSize {
  readonly group: string
  readonly name: string
  readonly asked: number
  /** Different operations, one after the other. */
  readonly operations: number
  /** Whether subgraphs are asked over HTTP, in a process of their own, instead of in memory. */
  readonly overHttp?: boolean
}

const one: Case = { ...usual, group: '', name: '', asked: 4, operations: 1 }
/** As large as the heavy query of the public benchmark: seven fetches, an answer of 87 kB. */
const heavy: Case = { ...one, group: 'heavy, subgraphs', asked: 7, subgraphs: 7, items: 170, textLength: 50 }
const cases: readonly Case[] = [
  { ...one, group: 'fetches', name: '1', asked: 1 },
  { ...one, group: 'fetches', name: '4', asked: 4 },
  { ...one, group: 'fetches', name: '16', asked: 16, subgraphs: 16 },
  ...[10, 100, 1_000].map((items) => ({ ...one, group: 'entities', name: String(items), items })),
  ...[30, 300, 3_000].map((textLength) => ({ ...one, group: 'bytes of a text', name: String(textLength), textLength })),
  ...[5, 50, 200].map((subgraphs) => ({ ...one, group: 'subgraphs', name: String(subgraphs), subgraphs })),
  ...[100, 1_000, 10_000].map((types) => ({ ...one, group: 'types', name: String(types), types })),
  ...[1, 100, 5_000].map((operations) => ({ ...one, group: 'operations', name: String(operations), operations })),
  { ...heavy, name: 'in memory' },
  { ...heavy, name: 'over HTTP', overHttp: true },
]

interface Figure {
  readonly group: string
  readonly name: string
  readonly fetches: number
  readonly bytes: number
  readonly cpuUs: Spread
  readonly coldPlanUs: { readonly rust: number; readonly apollo: number }
}

export const gatewayBench = defineBench({
  name: 'gateway',
  summary: 'What the pipeline and the engine cost, and how that grows with the operation, the answer and the graph.',
  options: {
    rounds: { doc: 'measurements of each kind', default: 5 },
    requests: { doc: 'requests of one measurement', default: 2_000 },
  },
  async run({ rounds, requests }, print) {
    const figures: Figure[] = []
    for (const each of cases) {
      figures.push(await measure(each, { rounds, requests }))
      print(`${each.group} ${each.name}`)
    }
    print('\nOne request, warm, all stages, subgraphs in memory: JSON is read and written, no sockets but where told\n')
    print(
      table([
        ['', '', 'fetches', 'bytes', 'CPU µs', 'cold plan µs: rust', 'apollo'],
        ...figures.map(({ group, name, fetches, bytes, cpuUs, coldPlanUs }) => [
          group,
          name,
          String(fetches),
          String(bytes),
          showSpread(cpuUs, 0),
          coldPlanUs.rust.toFixed(0),
          coldPlanUs.apollo.toFixed(0),
        ]),
      ]),
    )
    return rounded({ rounds, requests, figures })
  },
})

async function measure(
  each: Case,
  { rounds, requests }: { readonly rounds: number; readonly requests: number },
): Promise<Figure> {
  const remote = each.overHttp === true ? await answeringProcess(each) : null
  const graph = makeUpGraph(each, 'rust', remote?.reach)
  const documents = Array.from({ length: each.operations }, (_, index) =>
    parse(madeUpQuery(each.asked, `Bench${index}`)),
  )
  // Large answers need fewer requests for as good a figure.
  const count = Math.max(100, Math.round((requests * 20) / Math.max(20, each.items)))
  const costs: number[] = []
  let last = { bytes: 0, fetches: 0 }
  for (const document of documents) last = await graph.run(document)
  // The first round is for the compilers and counts for nothing.
  for (let round = 0; round <= rounds; round += 1) {
    const before = process.cpuUsage()
    for (let request = 0; request < count; request += 1) {
      const document = documents[request % documents.length]
      if (document) last = await graph.run(document)
    }
    const { user, system } = process.cpuUsage(before)
    if (round > 0) costs.push((user + system) / count)
  }
  remote?.stop()
  const coldPlanUs = { rust: coldPlan(each, 'rust'), apollo: coldPlan(each, 'apollo') }
  return { group: each.group, name: each.name, ...last, cpuUs: spreadOf(costs), coldPlanUs }
}

/** The subgraphs in a process of their own, and the way to them that the product goes. */
async function answeringProcess(
  size: GraphSize,
): Promise<{ readonly reach: (index: number) => Transport; stop(): void }> {
  const script = fileURLToPath(new URL('answering-server.ts', import.meta.url))
  const child = fork(script, [JSON.stringify(size)], { execArgv: ['--import', 'tsx'] })
  const [base] = (await once(child, 'message')) as [string]
  const signatureKey = randomBytes(32)
  const config = { SUBGRAPH_TIMEOUT_MS: undefined, SHARE_FETCHES: false }
  return {
    reach: (index) =>
      createRemoteTransport({
        name: `s${index}`,
        url: `${base}/${index}`,
        signatureKey,
        now: () => new Date(),
        config,
        breaker: createCircuitBreaker({ nowMs: () => performance.now() }),
      }),
    stop: () => child.disconnect(),
  }
}

/** The median of plans that are each made for the first time, by a planner that has planned before. */
function coldPlan(each: Case, planner: 'rust' | 'apollo'): number {
  const graph = makeUpGraph(each, planner)
  const document = parse(madeUpQuery(each.asked))
  const costs: number[] = []
  for (let round = 0; round < 21; round += 1) {
    const before = performance.now()
    graph.plan(document)
    if (round > 0) costs.push((performance.now() - before) * 1_000)
  }
  return spreadOf(costs).median
}
