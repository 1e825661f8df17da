import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { defineBench, type Print } from '../bench.ts'
import { rounded, showSpread, type Spread, spreadOf } from '../measure/statistics.ts'
import { table } from '../measure/table.ts'
import { subscription } from './level-graph.ts'
import { measureSinceCommit, showAges } from './since-commit.ts'
import { type Reading, StreamReaders } from './stream-readers.ts'
import type { MeasuredStreams, StreamServerReading } from './stream-server.ts'

interface Kind {
  readonly readers: number
  readonly views: number
  /** Events of one measurement. */
  readonly events: number
}

interface Figures extends Kind {
  readonly measured: MeasuredStreams
  /** CPU microseconds of the server for each event that a reader got. */
  readonly cpuUs: Spread
  readonly p50Ms: Spread
  readonly p99Ms: Spread
  readonly rssKbPerReader: number
  readonly heapKbPerReader: number
}

const measuredServers: readonly MeasuredStreams[] = ['tributary', 'graphql-ws']

export const streamsBench = defineBench({
  name: 'streams',
  summary: 'CPU time per delivered event of a subscription, beside graphql-ws as it comes; memory per reader.',
  options: {
    rounds: { doc: 'measurements of each kind', default: 3 },
    readers: { doc: 'readers of the largest kind', default: 10_000 },
    views: { doc: 'views that the readers of one kind have', default: 100 },
    commits: { doc: 'changes of stock whose way to readers is timed', default: 300 },
  },
  async run({ rounds, readers, views, commits }, print) {
    const kinds: readonly Kind[] = [
      { readers: 1, views: 1, events: 2_000 },
      { readers: 100, views: 1, events: 400 },
      { readers, views: 1, events: 20 },
      { readers, views, events: 20 },
    ]
    const figures: Figures[] = []
    for (const kind of kinds) {
      for (const measured of measuredServers) figures.push(await measure(measured, kind, { rounds, print }))
    }
    print(`\n${show(figures)}`)
    const sinceCommit = await measureSinceCommit({ readers: 100, events: commits })
    print(`\nfrom the mutation to 100 readers, in one process: ${showAges(sinceCommit)}`)
    return rounded({ rounds, figures, sinceCommit })
  },
})

async function measure(
  measured: MeasuredStreams,
  kind: Kind,
  { rounds, print }: { readonly rounds: number; readonly print: Print },
): Promise<Figures> {
  print(`${measured}: ${kind.readers} readers of ${kind.views} views`)
  const script = fileURLToPath(new URL('stream-server.ts', import.meta.url))
  const unnamed = new URL('../measure/closures-unnamed.mjs', import.meta.url).href
  const child = fork(script, [measured], { execArgv: ['--expose-gc', '--import', unnamed, '--import', 'tsx'] })
  const readers = new StreamReaders()
  try {
    const [{ url }] = (await once(child, 'message')) as [{ url: string }]
    // What a first reader costs once is no reader's own.
    const reading: Reading = {
      url,
      query: subscription,
      credentials: (number) => ({ appId: `app_${number % kind.views}`, key: 'key' }),
      ageOf: (message) => Number(process.hrtime.bigint()) / 1e6 - Number(/"at":([\d.]+)/.exec(message)?.[1]),
    }
    await readers.open(reading, 1)
    await warm(child, readers)
    const before = await ask<StreamServerReading>(child, 'memory')
    await readers.open(reading, kind.readers - 1)
    await warm(child, readers)
    const after = await ask<StreamServerReading>(child, 'memory')
    const samples: { cpuUs: number; p50Ms: number; p99Ms: number }[] = []
    for (let round = 0; round <= rounds; round += 1) {
      const cpuUs = await deliver(child, readers, kind.events)
      const ages = readers.agesMs.toSorted((a, b) => a - b)
      const at = (share: number): number => ages[Math.floor(ages.length * share)] ?? Number.NaN
      // The first round is for the compilers and counts for nothing.
      if (round > 0) samples.push({ cpuUs: cpuUs / kind.readers, p50Ms: at(0.5), p99Ms: at(0.99) })
    }
    const others = Math.max(1, kind.readers - 1)
    return {
      ...kind,
      measured,
      cpuUs: spreadOf(samples.map(({ cpuUs }) => cpuUs)),
      p50Ms: spreadOf(samples.map(({ p50Ms }) => p50Ms)),
      p99Ms: spreadOf(samples.map(({ p99Ms }) => p99Ms)),
      rssKbPerReader: (after.rssBytes - before.rssBytes) / others / 1_024,
      heapKbPerReader: (after.heapBytes - before.heapBytes) / others / 1_024,
    }
  } finally {
    readers.close()
    child.disconnect()
    await once(child, 'exit')
  }
}

/** Lets things happen until every reader gets them, and nothing is under way any more. */
async function warm(child: ChildProcess, readers: StreamReaders): Promise<void> {
  readers.begin()
  const begun = performance.now()
  while (readers.fewest < 3) {
    if (performance.now() - begun > 60_000) throw new Error(`a reader got ${readers.fewest} events in a minute`)
    child.send('happen')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  for (let before = -1; before !== readers.all;) {
    before = readers.all
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

/** One event after another, each when all readers have the one before. Answers the CPU microseconds per event. */
async function deliver(child: ChildProcess, readers: StreamReaders, events: number): Promise<number> {
  const ages: number[] = []
  const before = await ask<{ cpuUs: number }>(child, 'cpu')
  for (let event = 0; event < events; event += 1) {
    const delivered = readers.each(1)
    child.send('happen')
    await delivered
    ages.push(...readers.agesMs)
  }
  const after = await ask<{ cpuUs: number }>(child, 'cpu')
  readers.agesMs.splice(0, readers.agesMs.length, ...ages)
  return (after.cpuUs - before.cpuUs) / events
}

async function ask<Answer>(child: ChildProcess, what: string): Promise<Answer> {
  child.send(what)
  const [answer] = (await once(child, 'message')) as [Answer]
  return answer
}

function show(figures: readonly Figures[]): string {
  const rows = figures.map(({ measured, readers, views, ...figure }) => [
    `${measured}, ${readers} readers of ${views} view${views === 1 ? '' : 's'}`,
    showSpread(figure.cpuUs, 1),
    showSpread(figure.p50Ms, 1),
    showSpread(figure.p99Ms, 1),
    readers > 1_000 ? figure.rssKbPerReader.toFixed(1) : '',
    readers > 1_000 ? figure.heapKbPerReader.toFixed(1) : '',
  ])
  return table([['', 'CPU µs per delivery', 'p50 ms', 'p99 ms', 'RSS kB per reader', 'heap kB per reader'], ...rows])
}
