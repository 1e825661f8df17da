import { type Print, defineBench } from '../bench.ts'
import { rounded, spreadOf } from '../measure/statistics.ts'
import { openEmbeddedLayer, openReplicaSetLayer } from './driver-layer.ts'
import { openEngineLayer } from './engine-layer.ts'
import { type Layer, operationDocs, operations } from './layer.ts'
import { openLmdbLayer } from './lmdb-layer.ts'
import { type Cost, measureCost } from './measure-cost.ts'
import { type CellSummary, showCosts, showRatios } from './show-costs.ts'

export const storageBench = defineBench({
  name: 'storage',
  summary: 'CPU time per operation of the embedded database, layer by layer, beside TEST_MONGODB_URI if set.',
  options: {
    rounds: { doc: 'measurements of each operation, interleaved', default: 3 },
    seconds: { doc: 'length of one measurement', default: 1 },
    clients: { doc: 'how many work at once in the second half', default: 50 },
  },
  async run({ rounds, seconds, clients }, print) {
    const layers: Layer[] = []
    try {
      for (const open of layerOpeners(clients)) layers.push(await open())
      if (replicaSetUri === undefined) print('TEST_MONGODB_URI is not set: beside bare lmdb, not beside a replica set.')
      for (const operation of operations) print(`  ${operation.padEnd(12)} ${operationDocs[operation]}`)
      const cells = await measure(layers, { rounds, seconds, clients: [1, clients] }, print)
      print(`\n${showCosts(cells)}`)
      if (replicaSetUri !== undefined) print(`\n${showRatios(cells)}`)
      return rounded({ rounds, seconds, clients, cells })
    } finally {
      for (const layer of layers.toReversed()) await layer[Symbol.asyncDispose]()
    }
  },
})

const replicaSetUri = process.env['TEST_MONGODB_URI'] || undefined

/** From the cheapest to the whole. */
function layerOpeners(clients: number): (() => Promise<Layer>)[] {
  return [
    () => openLmdbLayer(false),
    () => openLmdbLayer(true),
    openEngineLayer,
    () => openEmbeddedLayer(clients),
    ...(replicaSetUri === undefined ? [] : [() => openReplicaSetLayer(clients, replicaSetUri)]),
  ]
}

interface Extent {
  readonly rounds: number
  readonly seconds: number
  readonly clients: readonly number[]
}

/** Measures all layers of one operation side by side, in every round the other way round. */
async function measure(
  layers: readonly Layer[],
  { rounds, seconds, clients }: Extent,
  print: Print,
): Promise<CellSummary[]> {
  const costs = new Map<string, Cost[]>()
  // The first round is for the compilers and counts for nothing.
  for (let round = 0; round <= rounds; round++) {
    for (const operation of operations) {
      for (const count of clients) {
        for (const layer of round % 2 === 0 ? layers : layers.toReversed()) {
          const cost = await measureCost(layer, {
            operation,
            clients: count,
            seconds: round === 0 ? seconds / 4 : seconds,
          })
          if (round > 0) listOf(costs, [operation, count, layer.name].join()).push(cost)
        }
      }
    }
    if (round > 0) print(`round ${round} of ${rounds}`)
  }
  return operations.flatMap((operation) =>
    clients.flatMap((count) =>
      layers.map(({ name: layer }) => {
        const all = listOf(costs, [operation, count, layer].join())
        const of = (part: (cost: Cost) => number): ReturnType<typeof spreadOf> => spreadOf(all.map(part))
        return {
          operation,
          clients: count,
          layer,
          serverUs: of(({ serverUs }) => serverUs),
          clientUs: of(({ clientUs }) => clientUs),
          perSecond: of(({ perSecond }) => perSecond),
        }
      }),
    ),
  )
}

function listOf<Item>(lists: Map<string, Item[]>, key: string): Item[] {
  const list = lists.get(key) ?? []
  lists.set(key, list)
  return list
}
