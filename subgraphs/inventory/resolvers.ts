import type { Resolvers } from '../../kit/subgraph-definition.ts'
import { allocationResolvers } from './allocations/allocation-resolvers.ts'
import type { InventoryContext } from './inventory-context.ts'
import { ledgerResolvers } from './ledger/ledger-resolvers.ts'
import { levelResolvers } from './levels/level-resolvers.ts'
import { locationResolvers } from './locations/location-resolvers.ts'
import { promiseResolvers } from './promises/promise-resolvers.ts'
import { reservationResolvers } from './reservations/reservation-resolvers.ts'
import { shipmentResolvers } from './shipments/shipment-resolvers.ts'

const features: readonly Resolvers<InventoryContext>[] = [
  levelResolvers,
  ledgerResolvers,
  locationResolvers,
  reservationResolvers,
  allocationResolvers,
  shipmentResolvers,
  promiseResolvers,
]

/** The resolvers of all features; each adds its fields to types that others may have begun. */
export const resolvers: Resolvers<InventoryContext> = features.reduce<Resolvers<InventoryContext>>(
  (merged, feature) => ({
    ...merged,
    ...Object.fromEntries(Object.entries(feature).map(([type, fields]) => [type, { ...merged[type], ...fields }])),
  }),
  {},
)
