import { type Print, defineBench } from '../bench.ts'
import { startProduct } from '../measure/start-product.ts'
import { rounded } from '../measure/statistics.ts'
import { temporaryFolder } from '../measure/temporary-folder.ts'
import { type Cell, type CellSummary, type Round, measureRound, openCells, showCells, summarizeCell } from './cells.ts'
import { profilePortal } from './profile-portal.ts'

interface Extent {
  readonly rounds: number
  readonly seconds: number
  readonly warmup: number
}

export const portalBench = defineBench({
  name: 'portal',
  summary: "CPU time per query of a portal's home page, by process, in one process and split.",
  options: {
    rounds: { doc: 'measurements of each kind, interleaved', default: 7 },
    seconds: { doc: 'length of one measurement', default: 2 },
    warmup: { doc: 'seconds of load of each kind before the first measurement', default: 4 },
    profile: { doc: 'instead, profile 16 home pages at a time', default: false },
    split: { doc: 'with --profile: separate processes instead of one', default: false },
  },
  async run({ profile, split, ...extent }, print) {
    if (profile) {
      const shape = split ? 'split processes' : 'one process'
      return { shape, ...(await profilePortal({ ...extent, shape, print })) }
    }
    await using folder = await temporaryFolder()
    await using splitFolder = await temporaryFolder()
    await using product = await startProduct('one process', { dataDir: folder.path })
    await using splitProduct = await startProduct('split processes', { dataDir: splitFolder.path })
    const cells = [...(await openCells('one process', product)), ...(await openCells('split processes', splitProduct))]
    try {
      const summaries = await measure(cells, extent, print)
      print(`\n${showCells(summaries)}`)
      return rounded({ ...extent, cells: summaries })
    } finally {
      await Promise.all([...new Set(cells.map(({ load }) => load))].map((load) => load[Symbol.asyncDispose]()))
    }
  },
})

/** Measures all cells in every round, so that what disturbs the machine for a while disturbs all of them alike. */
async function measure(
  cells: readonly Cell[],
  { rounds, seconds, warmup }: Extent,
  print: Print,
): Promise<CellSummary[]> {
  const measured = new Map<Cell, Round[]>(cells.map((cell) => [cell, []]))
  for (const { load, concurrency } of cells) await load.run(concurrency, { afterMs: warmup * 1_000 })
  for (let round = 1; round <= rounds; round++) {
    // Each round the other way round, so that no cell always follows the same one.
    const order = round % 2 === 0 ? cells : cells.toReversed()
    for (const cell of order) measured.get(cell)?.push(await measureRound(cell, seconds))
    print(`round ${round} of ${rounds}`)
  }
  return cells.map((cell) => summarizeCell(cell, measured.get(cell) ?? []))
}
