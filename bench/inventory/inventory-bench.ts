import { defineBench } from '../bench.ts'
import { type Spread, rounded, showSpread, spreadOf } from '../measure/statistics.ts'
import { table } from '../measure/table.ts'
import { type OrderBook, type Way, openOrderBook, ways } from './order-book.ts'

interface Cost {
  readonly perSecond: number
  readonly subgraphUs: number
  readonly databaseUs: number
}

interface Cell {
  readonly skus: number
  readonly way: Way
  readonly perSecond: Spread
  readonly subgraphUs: Spread
  readonly databaseUs: Spread
}

export const inventoryBench = defineBench({
  name: 'inventory',
  summary: 'Orders reserved per second and CPU time per order, on one SKU and spread over many.',
  options: {
    rounds: { doc: 'measurements of each kind, interleaved', default: 3 },
    seconds: { doc: 'length of one measurement', default: 3 },
    clients: { doc: 'buyers at once', default: 200 },
    skus: { doc: 'SKUs that orders are spread over', default: 10_000 },
  },
  async run({ rounds, seconds, clients, skus }, print) {
    await using book = await openOrderBook(skus)
    const costs = new Map<string, Cost[]>()
    // The first round is for the compilers and counts for nothing.
    for (let round = 0; round <= rounds; round++) {
      for (const spread of [1, skus]) {
        for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
          const cost = await measure(book, { way, skus: spread, clients, seconds: round === 0 ? 1 : seconds })
          const key = `${spread} ${way}`
          if (round > 0) costs.set(key, [...(costs.get(key) ?? []), cost])
        }
      }
      if (round > 0) print(`round ${round} of ${rounds}`)
    }
    const cells = [1, skus].flatMap((spread) =>
      ways.map((way): Cell => {
        const all = costs.get(`${spread} ${way}`) ?? []
        const of = (part: keyof Cost): Spread => spreadOf(all.map((cost) => cost[part]))
        return {
          skus: spread,
          way,
          perSecond: of('perSecond'),
          subgraphUs: of('subgraphUs'),
          databaseUs: of('databaseUs'),
        }
      }),
    )
    print(`\n${clients} buyers at once, each with the next order once the one before is answered\n`)
    print(
      table([
        ['orders', 'per second', 'subgraph, CPU µs', 'database, CPU µs'],
        ...cells.map((cell) => [
          `${cell.skus === 1 ? 'of one SKU' : `of ${cell.skus} SKUs`}, ${cell.way}`,
          showSpread(cell.perSecond, 0),
          showSpread(cell.subgraphUs, 0),
          showSpread(cell.databaseUs, 0),
        ]),
      ]),
    )
    return rounded({ rounds, seconds, clients, cells })
  },
})

/** Lets buyers order for a while. */
async function measure(
  book: OrderBook,
  extent: { readonly way: Way; readonly skus: number; readonly clients: number; readonly seconds: number },
): Promise<Cost> {
  const { way, skus, clients, seconds } = extent
  let count = 0
  const before = book.cpu()
  const begun = performance.now()
  const end = begun + seconds * 1_000
  const buyer = async (): Promise<void> => {
    while (performance.now() < end) {
      await book.order(way, Math.floor(Math.random() * skus))
      count++
    }
  }
  await Promise.all(Array.from({ length: clients }, buyer))
  const elapsedMs = performance.now() - begun
  const after = book.cpu()
  return {
    perSecond: (count * 1_000) / elapsedMs,
    subgraphUs: ((after.subgraphMs - before.subgraphMs) * 1_000) / count,
    databaseUs: ((after.databaseMs - before.databaseMs) * 1_000) / count,
  }
}
