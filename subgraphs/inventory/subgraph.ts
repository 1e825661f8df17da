import { loadSdl } from '../../kit/sdl.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { type InventoryLoaders, createInventoryLoaders } from './loaders.ts'
import { type InventoryModels, createInventoryModels, prepareInventory } from './models.ts'
import { resolvers } from './resolvers.ts'

/** Stock by SKU and warehouse: levels, adjustments and their live feed. */
export const inventorySubgraph: SubgraphDefinition<InventoryModels, InventoryLoaders> = {
  name: 'inventory',
  sdl: loadSdl(import.meta.url),
  createModels: createInventoryModels,
  prepare: prepareInventory,
  createLoaders: createInventoryLoaders,
  resolvers,
}
