import { setTimeout as pause } from 'node:timers/promises'
import { contentId } from '../../cli/import/file-chunks.ts'
import { type ImportJobAnswer, sendFile } from '../../cli/import/send-file.ts'
import { type GraphClient, createGraphClient } from '../../sdk/graph-client.ts'
import { demoLocations } from '../../subgraphs/demo-world/locations.ts'
import { type Print, defineBench } from '../bench.ts'
import { type ProcessReading, readMemory, readProcesses } from '../measure/processes.ts'
import { type MeasuredProduct, startProduct } from '../measure/start-product.ts'
import { rounded } from '../measure/statistics.ts'
import { table } from '../measure/table.ts'
import { temporaryFolder } from '../measure/temporary-folder.ts'
import { writeFeedFiles } from './feed-files.ts'

/** Memory of a process at tenths of the import, without the files that the system keeps for it. */
interface Memory {
  readonly role: string
  readonly atTenthMb: number
  readonly atEndMb: number
  readonly peakMb: number
}

const sampleEveryMs = 1_000

export const importBench = defineBench({
  name: 'import',
  summary: 'Lines of a stock feed imported per second, CPU time per line and memory at its peak.',
  options: {
    lines: { doc: 'lines of the feed', default: 1_000_000 },
    skus: { doc: 'SKUs of the range, each at every warehouse of the demo', default: 20_000 },
  },
  async run({ lines, skus }, print) {
    await using folder = await temporaryFolder()
    await using product = await startProduct('one process', { dataDir: `${folder.path}/data` })
    const graph = operatorOf(product)
    const files = await writeFeedFiles(folder.path, { skus, lines, locations: demoLocations.map(({ code }) => code) })
    await importFile(graph, 'products', files.products)
    await importFile(graph, 'skus', files.skus)
    await untilKnown(graph, files.probe)
    print(`${skus} SKUs are known; ${lines} lines of their stock follow`)

    const before = readProcesses(product.pid)
    const watch = watchMemory(product.pid)
    const begin = performance.now()
    const job = await importFile(graph, 'inventory-levels', files.stock, async () => {
      const { importJobs } = await graph.request<{ importJobs: { nodes: readonly { linesRead: number }[] } }>(
        '{ importJobs(first: 1) { nodes { linesRead } } }',
      )
      const linesRead = importJobs.nodes[0]?.linesRead ?? 0
      watch.passed(linesRead / lines)
      return linesRead
    })
    const seconds = (performance.now() - begin) / 1_000
    const memory = watch.end()
    if (job.linesApplied !== lines) throw new Error(`only ${job.linesApplied} of ${lines} lines were applied`)
    const cpu = cpuPerLine(before, readProcesses(product.pid), lines)
    return report(print, { lines, skus, seconds, linesPerSecond: lines / seconds, cpuMicrosecondsPerLine: cpu, memory })
  },
})

function operatorOf(product: MeasuredProduct): GraphClient {
  const printed = product.lines.map(({ text }) => text).join('\n')
  const [, app = '', key = ''] = /Operator Console\s+(app_\w+)\s+(trb_\w+)/.exec(printed) ?? []
  const signal = new AbortController().signal
  return createGraphClient({ url: product.portalRequest.url, app, key, signal, onThrottled: () => undefined })
}

async function importFile(
  graph: GraphClient,
  kind: string,
  file: string,
  look?: () => Promise<number>,
): Promise<ImportJobAnswer> {
  const done = new AbortController()
  const looking = look === undefined ? undefined : repeat(look, done.signal)
  try {
    return await sendFile({
      graph,
      file,
      kind,
      format: 'CSV',
      delimiter: ',',
      externalId: `${await contentId(file)} ${performance.now()}`,
      print: () => undefined,
      signal: new AbortController().signal,
    })
  } finally {
    done.abort()
    await looking
  }
}

async function repeat(work: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await work()
    await pause(sampleEveryMs, undefined, { signal }).catch(() => undefined)
  }
}

/** SKUs reach the inventory by events; the last one is known when all are. */
async function untilKnown(graph: GraphClient, probe: string): Promise<void> {
  for (;;) {
    const { linesApplied } = await importFile(graph, 'inventory-levels', probe)
    if (linesApplied === 1) return
    await pause(sampleEveryMs)
  }
}

function watchMemory(pid: number) {
  const samples = new Map<string, { atTenthMb: number; atEndMb: number; peakMb: number }>()
  let done = 0
  const look = (): void => {
    for (const { role, anonymousMb } of readMemory(pid)) {
      const known = samples.get(role) ?? { atTenthMb: anonymousMb, atEndMb: 0, peakMb: 0 }
      samples.set(role, {
        atTenthMb: done <= 0.1 ? anonymousMb : known.atTenthMb,
        atEndMb: anonymousMb,
        peakMb: Math.max(known.peakMb, anonymousMb),
      })
    }
  }
  const timer = setInterval(look, sampleEveryMs)
  return {
    passed(share: number): void {
      done = share
    },
    end(): Memory[] {
      clearInterval(timer)
      look()
      return [...samples].map(([role, sample]) => ({ role, ...sample }))
    },
  }
}

function cpuPerLine(
  before: readonly ProcessReading[],
  after: readonly ProcessReading[],
  lines: number,
): Record<string, number> {
  const used = after.map(({ pid, role, cpuMs }) => {
    const earlier = before.find((reading) => reading.pid === pid)?.cpuMs ?? 0
    return [role, ((cpuMs - earlier) * 1_000) / lines] as const
  })
  return Object.fromEntries(used)
}

interface Result {
  readonly lines: number
  readonly skus: number
  readonly seconds: number
  readonly linesPerSecond: number
  readonly cpuMicrosecondsPerLine: Readonly<Record<string, number>>
  readonly memory: readonly Memory[]
}

function report(print: Print, result: Result): object {
  const { seconds, linesPerSecond, cpuMicrosecondsPerLine, memory } = result
  print(`\n${linesPerSecond.toFixed(0)} lines per second, ${seconds.toFixed(0)} s in all\n`)
  print(
    table([
      ['process', 'CPU µs per line', 'MB after a tenth', 'MB at the end', 'MB at most'],
      ...memory.map(({ role, atTenthMb, atEndMb, peakMb }) => [
        role,
        (cpuMicrosecondsPerLine[role] ?? 0).toFixed(0),
        atTenthMb.toFixed(0),
        atEndMb.toFixed(0),
        peakMb.toFixed(0),
      ]),
    ]),
  )
  return rounded(result)
}
