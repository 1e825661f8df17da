import type { NewEvent } from '../../../kit/events.ts'
import type { ChannelAllocationDocument } from './allocation-model.ts'

/** The event of an allocation that was made or changed. Only its organization may learn of it. */
export function allocationEvent(
  type: 'allocation.created' | 'allocation.changed',
  allocation: Pick<
    ChannelAllocationDocument,
    '_id' | 'organizationId' | 'skuId' | 'locationId' | 'quantity' | 'validUntil'
  >,
): NewEvent {
  const { _id, organizationId, skuId, locationId, quantity, validUntil } = allocation
  return {
    type,
    subject: _id,
    audience: [organizationId],
    data: { organizationId, skuId, locationId, quantity, validUntil: validUntil.toISOString() },
  }
}
