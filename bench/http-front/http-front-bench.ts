import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { defineBench } from '../bench.ts'
import { rounded, showSpread, spreadOf } from '../measure/statistics.ts'
import { table } from '../measure/table.ts'
import { type ByteLoad, openByteLoad } from './byte-load.ts'
import type { Measured } from './front-process.ts'

const concurrency = 32

interface Cell {
  readonly name: string
  readonly child: ChildProcess
  readonly load: ByteLoad
  readonly cpuUs: number[]
}

const query = '{ topProducts { name } }'
const plain: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  accept: 'application/json',
  'x-tributary-app': 'app_bench',
  'x-tributary-key': 'bench',
}

/** Each front with answers of these sizes, and how a client asks. */
const kinds: readonly { readonly measured: Measured; readonly bytes: number; readonly headers?: object }[] = [
  { measured: 'node', bytes: 150 },
  { measured: 'tributary', bytes: 150 },
  { measured: 'apollo', bytes: 150 },
  { measured: 'node', bytes: 88_000 },
  { measured: 'tributary', bytes: 88_000 },
  { measured: 'tributary', bytes: 88_000, headers: { 'accept-encoding': 'gzip' } },
  { measured: 'tributary', bytes: 88_000, headers: { 'accept-encoding': 'br' } },
  { measured: 'apollo', bytes: 88_000 },
]

export const httpFrontBench = defineBench({
  name: 'http-front',
  summary: 'CPU time of the graph over HTTP by itself: our front, ApolloServer and bare node:http.',
  options: {
    rounds: { doc: 'measurements of each kind, interleaved', default: 5 },
    requests: { doc: 'requests of one measurement', default: 10_000 },
  },
  async run({ rounds, requests }, print) {
    const cells: Cell[] = []
    try {
      for (const kind of kinds) cells.push(await openCell(kind))
      for (let round = 0; round <= rounds; round += 1) {
        for (const cell of round % 2 === 0 ? cells : cells.toReversed()) {
          const cpuUs = await measure(cell, cell.name.includes('88') ? requests / 5 : requests)
          // The first round is for the compilers and counts for nothing.
          if (round > 0) cell.cpuUs.push(cpuUs)
        }
      }
    } finally {
      for (const { child, load } of cells) {
        await load[Symbol.asyncDispose]()
        child.disconnect()
      }
    }
    const figures = cells.map(({ name, cpuUs }) => ({ name, cpuUs: spreadOf(cpuUs) }))
    print(`CPU microseconds per request of the serving process, ${concurrency} requests at a time\n`)
    print(table([['front', 'CPU µs'], ...figures.map(({ name, cpuUs }) => [name, showSpread(cpuUs, 1)])]))
    return rounded({ rounds, requests, figures })
  },
})

async function openCell({ measured, bytes, headers = {} }: (typeof kinds)[number]): Promise<Cell> {
  const script = fileURLToPath(new URL('front-process.ts', import.meta.url))
  const child = fork(script, [measured, String(bytes)], { execArgv: ['--import', 'tsx'] })
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  const request = { url: `${url}/graphql`, headers: { ...plain, ...headers }, body: JSON.stringify({ query }) }
  const load = await openByteLoad(request)
  const encoding = Object.values(headers).join()
  return { name: `${measured}, ${bytes < 1_000 ? bytes : '88 k'} bytes ${encoding}`.trim(), child, load, cpuUs: [] }
}

async function measure({ child, load }: Cell, requests: number): Promise<number> {
  const before = await cpuOf(child)
  await load.run(concurrency, requests)
  return ((await cpuOf(child)) - before) / requests
}

/** User and system time so far, in microseconds. */
async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('read')
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage }]
  return cpu.user + cpu.system
}
