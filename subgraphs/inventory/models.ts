import type { ModelDependencies } from '../../kit/subgraph-definition.ts'
import { createAllocationModel } from './allocations/allocation-model.ts'
import { createDealStockModel } from './deals/deal-stock-model.ts'
import { createInventoryLedgerModel } from './ledger/ledger-model.ts'
import { createInventoryLevelModel } from './levels/level-model.ts'
import { createLocationModel } from './locations/location-model.ts'
import { createReservationModel } from './reservations/reservation-model.ts'
import { createShipmentModel } from './shipments/shipment-model.ts'
import { createStockedSkuModel } from './skus/sku-model.ts'

export type InventoryModels = ReturnType<typeof createInventoryModels>

/** Binds the models of the subgraph to a connection. */
export function createInventoryModels({ connection, now }: Pick<ModelDependencies, 'connection' | 'now'>) {
  return {
    now,
    skus: createStockedSkuModel(connection),
    locations: createLocationModel(connection),
    levels: createInventoryLevelModel(connection),
    ledger: createInventoryLedgerModel(connection),
    reservations: createReservationModel(connection),
    allocations: createAllocationModel(connection),
    shipments: createShipmentModel(connection),
    dealStock: createDealStockModel(connection),
  }
}

/** Creates collections and indexes. */
export async function prepareInventory(models: InventoryModels): Promise<void> {
  const { skus, locations, levels, ledger, reservations, allocations, shipments, dealStock } = models
  const all = [skus, locations, levels, ledger, reservations, allocations, shipments, dealStock]
  await Promise.all(all.map((model) => model.prepare()))
}
