import type { DomainEvent, NewEvent } from '../../../kit/events.ts'
import type { ChangeReason } from '../ledger/change-reason.ts'

/** The type of the event that tells of a changed level. */
export const inventoryAdjusted = 'inventory.adjusted'

/** The event of one changed level. Every organization may learn of stock, so its audience is empty. */
export function inventoryAdjustedEvent(change: {
  readonly levelId: string
  readonly skuId: string
  readonly locationId: string
  readonly reason: ChangeReason
  /** The change of `available`. */
  readonly delta: number
  /** What it was after the change. */
  readonly available: number
}): NewEvent {
  const { levelId, ...data } = change
  return { type: inventoryAdjusted, subject: levelId, audience: [], data }
}

/** An event as the subscription answers it. */
export function inventoryChange<Level>(
  event: DomainEvent,
  { cursor, level }: { readonly cursor: string; readonly level: Promise<Level> },
) {
  return {
    id: event.id,
    cursor,
    subject: event.subject,
    occurredAt: event.time,
    reason: event.data['reason'],
    delta: event.data['delta'],
    level,
  }
}
