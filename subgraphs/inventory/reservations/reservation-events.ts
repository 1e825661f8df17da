import type { NewEvent } from '../../../kit/events.ts'
import type { ReservationDocument } from './reservation-model.ts'
import type { ReservationState } from './reservation-state.ts'

/** The event of a reservation that came into a state. Only the organization that owns it may learn of it. */
export function reservationEvent(
  { _id, organizationId, skuId, locationId, quantity, dealId }: ReservationDocument,
  state: ReservationState,
): NewEvent {
  return {
    type: `reservation.${state.toLowerCase()}`,
    subject: _id,
    audience: [organizationId],
    data: { organizationId, skuId, locationId, quantity, dealId },
  }
}
