import type { NewEvent } from '../../../kit/events.ts'
import type { IncomingShipmentDocument } from './shipment-model.ts'
import type { ShipmentState } from './shipment-state.ts'

const types: Readonly<Record<ShipmentState, string>> = {
  ANNOUNCED: 'shipment.announced',
  IN_TRANSIT: 'shipment.dispatched',
  PARTLY_RECEIVED: 'shipment.received',
  RECEIVED: 'shipment.received',
  CANCELLED: 'shipment.cancelled',
}

/** The event of a shipment that came into a state, in part or in whole. */
export function shipmentEvent(
  { _id, reference, locationId }: Pick<IncomingShipmentDocument, '_id' | 'reference' | 'locationId'>,
  state: ShipmentState,
): NewEvent {
  return { type: types[state], subject: _id, audience: [], data: { reference, locationId, state } }
}
