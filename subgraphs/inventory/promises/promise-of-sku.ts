import { type FreeUnits, createFreeUnits, isValidAt } from '../allocations/free-units.ts'
import type { ChannelAllocationDocument } from '../allocations/allocation-model.ts'
import type { InventoryLevelDocument } from '../levels/level-model.ts'
import type { IncomingShipmentDocument } from '../shipments/shipment-model.ts'

/** Everything that a promise of one SKU depends on. */
export interface PromiseBasis {
  readonly skuId: string
  readonly levels: readonly InventoryLevelDocument[]
  /** The open shipments that bring the SKU between now and the moment in question. */
  readonly shipments: readonly IncomingShipmentDocument[]
  readonly allocations: readonly ChannelAllocationDocument[]
}

/** What can be promised of a SKU, and what that is made of. */
export interface SkuPromise {
  readonly skuId: string
  readonly at: Date
  /** Units that can be promised to the organization. */
  readonly quantity: number
  /** Units that are available today. */
  readonly available: number
  /** Units that are to arrive until then. */
  readonly incoming: number
  /** The most that the organization's own allocations let it have; null where none applies. */
  readonly allocationRemaining: number | null
}

/**
 * What can be promised to an organization for a moment: what is available and what arrives until then, without what is
 * allocated to others by then, and no more than its own allocations leave it. Nothing arrives in the past.
 */
export function promiseOf(
  { skuId, levels, shipments, allocations }: PromiseBasis,
  wanted: { readonly organizationId: string; readonly at: Date; readonly locationId: string | null },
): SkuPromise {
  const { organizationId, at, locationId } = wanted
  const arriving = new Map<string, number>()
  for (const shipment of shipments) {
    const line = shipment.lines.find((each) => each.skuId === skuId)
    const units = line ? Math.max(0, line.quantity - line.received) : 0
    arriving.set(shipment.locationId, (arriving.get(shipment.locationId) ?? 0) + units)
  }
  const available = new Map(levels.map((level) => [level.locationId, level.available]))
  const places = [...new Set([...available.keys(), ...arriving.keys()])]
  const stock = places.map((place) => ({
    locationId: place,
    units: (available.get(place) ?? 0) + (arriving.get(place) ?? 0),
  }))
  const units: FreeUnits = createFreeUnits(
    organizationId,
    stock,
    allocations
      .filter((allocation) => isValidAt(allocation, at))
      .map((allocation) => ({ ...allocation, remaining: allocation.quantity - allocation.drawn })),
  )
  const cap = units.cap(locationId)
  const sumAt = (amounts: ReadonlyMap<string, number>): number =>
    [...amounts].reduce((sum, [place, amount]) => (locationId === null || place === locationId ? sum + amount : sum), 0)
  return {
    skuId,
    at,
    quantity: Math.min(units.free(locationId), cap ?? Infinity),
    available: sumAt(available),
    incoming: sumAt(arriving),
    allocationRemaining: cap ?? null,
  }
}
