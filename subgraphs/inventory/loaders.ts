import { createGroupLoader, createLoader } from '../../kit/loader.ts'
import type { InventoryModels } from './models.ts'

export type InventoryLoaders = ReturnType<typeof createInventoryLoaders>

/** Per-request reads by key; each is one database query however many keys a response asks for. */
export function createInventoryLoaders(models: InventoryModels) {
  return {
    location: createLoader(models.locations.byIds, ({ _id }) => _id),
    level: createLoader(
      (ids: readonly string[]) => models.levels.byIds(ids),
      ({ _id }) => _id,
    ),
    levelsOfSku: createGroupLoader(models.levels.bySkus, ({ skuId }) => skuId),
    batch: createLoader(models.ledger.batchesByIds, ({ _id }) => _id),
  }
}
