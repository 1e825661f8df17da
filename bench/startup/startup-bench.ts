import { defineBench } from '../bench.ts'
import { type Shape, startProduct } from '../measure/start-product.ts'
import { type Spread, rounded, showSpread, spreadOf } from '../measure/statistics.ts'
import { table } from '../measure/table.ts'
import { temporaryFolder } from '../measure/temporary-folder.ts'
import { type MemoryGrowth, measureMemory } from './measure-memory.ts'
import { type Start, measureStart } from './measure-start.ts'
import { profileStart } from './profile-start.ts'

export const startupBench = defineBench({
  name: 'startup',
  summary: 'Seconds from the start of the process to the first answered portal query; resident memory.',
  options: {
    times: { doc: 'starts of each kind, first and second', default: 3 },
    split: { doc: 'start separate processes instead of one', default: false },
    profile: { doc: 'besides, profile one start of each kind', default: false },
  },
  async run({ times, split, profile }, print) {
    const shape: Shape = split ? 'split processes' : 'one process'
    const first: Start[] = []
    const second: Start[] = []
    for (let time = 1; time <= times; time++) {
      await using folder = await temporaryFolder()
      for (const starts of [first, second]) {
        await using product = await startProduct(shape, { dataDir: folder.path })
        starts.push(await measureStart(product))
      }
      print(`${time}: first ${first.at(-1)?.seconds.toFixed(2)} s, second ${second.at(-1)?.seconds.toFixed(2)} s`)
    }
    const starts = { first: summarize(first), second: summarize(second) }
    print(`\nFirst start, the data folder is empty\n${showStarts(starts.first)}`)
    print(`\nSecond start, the data is kept\n${showStarts(starts.second)}`)

    await using folder = await temporaryFolder()
    const memory = await memoryAfterStart(shape, folder.path)
    print(`\nMemory of the second start, and after ${memory.queries} portal queries\n${showMemory(memory)}`)
    if (profile) {
      await using empty = await temporaryFolder()
      for (const kind of ['First', 'Second']) {
        print(`\n${kind} start under the profiler`)
        await profileStart(shape, empty.path, print)
      }
    }
    return rounded({ shape, times, ...starts, memory })
  },
})

async function memoryAfterStart(shape: Shape, dataDir: string): Promise<MemoryGrowth> {
  {
    await using seeding = await startProduct(shape, { dataDir })
    await measureStart(seeding)
  }
  await using product = await startProduct(shape, { dataDir })
  await measureStart(product)
  // Awaited here, or else the product would be stopped first.
  return await measureMemory(product)
}

interface StartSummary {
  readonly seconds: Spread
  readonly cpuSeconds: Spread
  readonly phases: readonly { readonly name: string; readonly seconds: Spread }[]
}

function summarize(starts: readonly Start[]): StartSummary {
  return {
    seconds: spreadOf(starts.map(({ seconds }) => seconds)),
    cpuSeconds: spreadOf(starts.map(({ cpuSeconds }) => cpuSeconds)),
    phases: (starts[0]?.phases ?? []).map(({ name }, index) => ({
      name,
      seconds: spreadOf(starts.map(({ phases }) => phases[index]?.seconds ?? 0)),
    })),
  }
}

function showStarts({ seconds, cpuSeconds, phases }: StartSummary): string {
  const rows = phases.map((phase) => [`  ${phase.name}`, showSpread(phase.seconds)])
  return table([
    ['', 'seconds: median (range)'],
    ['to the first answer', showSpread(seconds)],
    ...rows,
    ['CPU time of all processes', showSpread(cpuSeconds)],
  ])
}

function showMemory({ begin, end }: MemoryGrowth): string {
  const rows = end.map((after, index) => {
    const before = begin[index]
    return [after.role, ...[before?.rssMb, before?.pssMb, after.rssMb, after.pssMb].map((mb) => (mb ?? 0).toFixed(0))]
  })
  return table([['MB', 'RSS', 'PSS', 'RSS after', 'PSS after'], ...rows])
}
