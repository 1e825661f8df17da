import { seededId } from '../../kit/ids.ts'
import { pickFrom, wholeBetween } from '../demo-world/deterministic.ts'
import { demoLocations } from '../demo-world/locations.ts'
import { demoSkus } from '../demo-world/products.ts'
import type { ChannelAllocationDocument } from './allocations/allocation-model.ts'
import type { InventoryLevelDocument } from './levels/level-model.ts'
import { type ReservationDocument, reservationId } from './reservations/reservation-model.ts'
import type { IncomingShipmentDocument } from './shipments/shipment-model.ts'
import { isOpen } from './shipments/shipment-state.ts'

const dayMs = 24 * 60 * 60 * 1000
const partners = ['northwind', 'fjordline', 'alpenland', 'pennine', 'rhone', 'polder'] as const
const suppliers = ['Kestrel Components', 'Lumen Optics', 'Harbour Electronics', 'Norrland Devices'] as const
/** Every so many levels are held or sold for a partner that the demo knows; the rest is history. */
const reservedEvery = 25
const sold = demoSkus.filter(({ discontinued }) => !discontinued)

/** Reservations that account for all that some of the levels hold and have sold. */
export function demoReservations(levels: readonly InventoryLevelDocument[], at: Date): ReservationDocument[] {
  return levels
    .filter((_level, index) => index % reservedEvery === 0)
    .flatMap((level) => [
      ...(level.reserved > 0 ? [demoReservation(level, { state: 'HELD', quantity: level.reserved, at })] : []),
      ...(level.committed > 0 ? [demoReservation(level, { state: 'COMMITTED', quantity: level.committed, at })] : []),
    ])
}

function demoReservation(
  { _id: levelId, skuId, locationId }: InventoryLevelDocument,
  made: { readonly state: 'HELD' | 'COMMITTED'; readonly quantity: number; readonly at: Date },
): ReservationDocument {
  const { state, quantity, at } = made
  const name = `${levelId}:${state}`
  const createdAt = new Date(at.getTime() - wholeBetween(`reserved-hours:${name}`, 1, 72) * 60 * 60 * 1000)
  return {
    _id: reservationId(seededId('InventoryBatch', name), 0),
    organizationId: seededId('Organization', pickFrom(`reserved-by:${name}`, partners)),
    skuId,
    locationId,
    levelId,
    quantity,
    state,
    dealId: null,
    allocationId: null,
    reference: `PO-${wholeBetween(`order:${name}`, 10_000, 99_999)}`,
    expiresAt: new Date(at.getTime() + wholeBetween(`held-days:${name}`, 2, 25) * dayMs),
    version: 1,
    createdAt,
    updatedAt: createdAt,
  }
}

/** A dozen SKUs of which units are set aside for partners. */
export function demoAllocations(at: Date): ChannelAllocationDocument[] {
  return sold.slice(-12).map(({ id: skuId, code }) => ({
    _id: seededId('ChannelAllocation', code),
    organizationId: seededId('Organization', pickFrom(`allocated-to:${code}`, partners)),
    skuId,
    locationId: null,
    quantity: wholeBetween(`allocated:${code}`, 2, 12),
    drawn: 0,
    validFrom: at,
    validUntil: new Date(at.getTime() + 90 * dayMs),
    version: 1,
    createdAt: at,
    updatedAt: at,
  }))
}

/** Shipments of the next six weeks, one in five of them on the road already. */
export function demoShipments(at: Date): Omit<IncomingShipmentDocument, 'words'>[] {
  return Array.from({ length: 24 }, (_, index) => {
    const reference = `ASN-${String(70_001 + index)}`
    const state = index % 5 === 0 ? 'IN_TRANSIT' : 'ANNOUNCED'
    const first = wholeBetween(`first-sku:${reference}`, 0, sold.length - 4)
    return {
      _id: seededId('IncomingShipment', reference),
      reference,
      supplier: pickFrom(`supplier:${reference}`, suppliers),
      locationId: pickFrom(`to:${reference}`, demoLocations).id,
      state,
      open: isOpen(state),
      expectedAt: new Date(at.getTime() + wholeBetween(`expected:${reference}`, 2, 42) * dayMs),
      lines: sold.slice(first, first + 3).map(({ id: skuId, code }) => ({
        skuId,
        quantity: wholeBetween(`announced:${reference}:${code}`, 5, 80),
        received: 0,
      })),
      version: 1,
      createdAt: at,
      updatedAt: at,
    }
  })
}
