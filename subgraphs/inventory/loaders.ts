import DataLoader from 'dataloader'
import type { Caller } from '../../kit/caller.ts'
import { createGroupLoader, createLoader } from '../../kit/loader.ts'
import type { InventoryModels } from './models.ts'
import type { ReservationDocument } from './reservations/reservation-model.ts'
import { createPromiseLoader } from './promises/promise-loader.ts'

export type InventoryLoaders = ReturnType<typeof createInventoryLoaders>

const idOf = ({ _id }: { readonly _id: string }): string => _id

/** Per-request reads by key; each is one database query however many keys a response asks for. */
export function createInventoryLoaders(models: InventoryModels, caller: Caller) {
  const levelsOfSku = createGroupLoader(
    (skuIds: readonly string[]) => models.levels.bySkus(skuIds),
    ({ skuId }) => skuId,
  )
  return {
    location: createLoader((ids: readonly string[]) => models.locations.byIds(ids), idOf),
    level: createLoader((ids: readonly string[]) => models.levels.byIds(ids), idOf),
    levelsOfSku,
    batch: createLoader(models.ledger.batchesByIds, idOf),
    adjustment: createLoader(models.ledger.byIds, idOf),
    reservation: createLoader((ids: readonly string[]) => models.reservations.byIds(caller, ids), idOf),
    /** The reservations of an order, which a payload tells. */
    order: new DataLoader((orderIds: readonly string[]) =>
      Promise.all(
        orderIds.map((orderId): Promise<readonly ReservationDocument[]> =>
          models.reservations.ofOrder(caller, orderId),
        ),
      ),
    ),
    reservationsOfDeal: models.reservations.ofDeals(caller),
    dealStock: createLoader((ids: readonly string[]) => models.dealStock.byIds(caller, ids), idOf),
    allocation: createLoader((ids: readonly string[]) => models.allocations.byIds(caller, ids), idOf),
    allocationsOfOrganization: models.allocations.ofOrganizations(caller),
    shipment: createLoader((ids: readonly string[]) => models.shipments.byIds(ids), idOf),
    promise: createPromiseLoader(models, caller, levelsOfSku),
  }
}
