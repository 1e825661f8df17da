import type { SubgraphContext } from '../../kit/subgraph-definition.ts'
import type { InventoryLoaders } from './loaders.ts'
import type { InventoryModels } from './models.ts'

/** What resolvers and commands of this subgraph get. */
export type InventoryContext = SubgraphContext<InventoryModels, InventoryLoaders>
