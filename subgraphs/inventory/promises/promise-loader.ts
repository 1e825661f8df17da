import DataLoader from 'dataloader'
import type { Caller } from '../../../kit/caller.ts'
import type { InventoryLevelDocument } from '../levels/level-model.ts'
import type { InventoryModels } from '../models.ts'
import { type SkuPromise, promiseOf } from './promise-of-sku.ts'

/** A promise that is asked for: at once when no moment is given. */
export interface PromiseRequest {
  readonly skuId: string
  readonly at: Date | null
  readonly locationId: string | null
}

/** A per-request reader of promises: three queries, and two where nothing later than now is asked. */
export function createPromiseLoader(
  models: InventoryModels,
  caller: Caller,
  levelsOfSku: DataLoader<string, InventoryLevelDocument[]>,
): DataLoader<PromiseRequest, SkuPromise, string> {
  return new DataLoader(
    async (requests: readonly PromiseRequest[]) => {
      const now = models.now()
      const skuIds = [...new Set(requests.map(({ skuId }) => skuId))]
      const moments = requests.map(({ at }) => (at !== null && at > now ? at : now))
      const latest = new Date(Math.max(...moments.map((at) => at.getTime())))
      const [allocations, levels, shipments] = await Promise.all([
        models.allocations.ofSkus(skuIds, now),
        Promise.all(skuIds.map(async (skuId) => [skuId, await levelsOfSku.load(skuId)] as const)),
        latest > now ? models.shipments.bringing(skuIds, now, latest) : [],
      ])
      const levelsBySku = new Map(levels)
      return requests.map(({ skuId, locationId }, index) => {
        const at = moments[index] ?? now
        return promiseOf(
          {
            skuId,
            levels: levelsBySku.get(skuId) ?? [],
            shipments: shipments.filter(
              ({ expectedAt, lines }) => expectedAt <= at && lines.some((line) => line.skuId === skuId),
            ),
            allocations: allocations.filter((allocation) => allocation.skuId === skuId),
          },
          { organizationId: caller.organizationId, at, locationId },
        )
      })
    },
    { cacheKeyFn: ({ skuId, at, locationId }) => JSON.stringify([skuId, at, locationId]) },
  )
}
