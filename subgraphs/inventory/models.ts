import type { ModelDependencies } from '../../kit/subgraph-definition.ts'
import { createInventoryLedgerModel } from './models/inventory-ledger.ts'
import { createInventoryLevelModel } from './models/inventory-level.ts'
import { createLocationModel } from './models/location.ts'

export type InventoryModels = ReturnType<typeof createInventoryModels>

/** Binds the three models of the subgraph to a connection. */
export function createInventoryModels({ connection }: ModelDependencies) {
  return {
    locations: createLocationModel(connection),
    levels: createInventoryLevelModel(connection),
    ledger: createInventoryLedgerModel(connection),
  }
}

/** Creates collections and indexes. */
export async function prepareInventory(models: InventoryModels): Promise<void> {
  await Promise.all([models.locations.prepare(), models.levels.prepare(), models.ledger.prepare()])
}
