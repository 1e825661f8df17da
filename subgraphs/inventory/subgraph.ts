import { loadSdl } from '../../kit/sdl.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { followDeals } from './deals/follow-deals.ts'
import { importLevels } from './levels/import-levels.ts'
import { type InventoryLoaders, createInventoryLoaders } from './loaders.ts'
import { type InventoryModels, createInventoryModels, prepareInventory } from './models.ts'
import { expireReservations } from './reservations/expire-reservations.ts'
import { resolvers } from './resolvers.ts'
import { importShipments } from './shipments/import-shipments.ts'
import { learnSku } from './skus/learn-sku.ts'

/** Stock by SKU and warehouse: levels and their ledger, reservations, allocations, shipments, and what can be promised. */
export const inventorySubgraph: SubgraphDefinition<InventoryModels, InventoryLoaders> = {
  name: 'inventory',
  sdl: loadSdl(import.meta.url),
  createModels: createInventoryModels,
  prepare: prepareInventory,
  createLoaders: createInventoryLoaders,
  resolvers,
  timers: [expireReservations],
  reactions: [learnSku, followDeals],
  importers: [importLevels, importShipments],
}
