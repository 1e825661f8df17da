import type { DomainEvent, EventFeed, EventLog, NewEvent } from '../../../kit/events.ts'
import { CodedError } from '../../../kit/errors.ts'
import { mapFeed } from '../../../kit/map-feed.ts'
import type { ChangeReason } from '../ledger/change-reason.ts'

const inventoryAdjusted = 'inventory.adjusted'
const maxFilterIds = 250

/** What `inventoryChanged` may be narrowed to; null and left out mean all. */
export interface ChangeFilter {
  readonly skuIds?: readonly string[] | null
  readonly locationIds?: readonly string[] | null
}

/** The event of one changed level. Every organization may learn of stock, so its audience is empty. */
export function inventoryAdjustedEvent(change: {
  readonly levelId: string
  readonly skuId: string
  readonly locationId: string
  readonly reason: ChangeReason
  readonly delta: number
}): NewEvent {
  const { levelId, ...data } = change
  return { type: inventoryAdjusted, subject: levelId, audience: [], data }
}

/** Committed stock changes from now on that match a filter. */
export async function inventoryChanges(events: EventLog, filter: ChangeFilter): Promise<EventFeed> {
  const skuIds = idSet('skuIds', filter.skuIds)
  const locationIds = idSet('locationIds', filter.locationIds)
  const feed = await events.subscribe([inventoryAdjusted])
  return mapFeed(feed, (event) =>
    matches(skuIds, event.data['skuId']) && matches(locationIds, event.data['locationId']) ? event : undefined,
  )
}

/** An event as the subscription answers it. */
export function inventoryChange<Level>(event: DomainEvent, level: Promise<Level>) {
  return {
    id: event.id,
    occurredAt: event.time,
    reason: event.data['reason'],
    delta: event.data['delta'],
    level,
  }
}

function idSet(argument: string, ids: readonly string[] | null | undefined): ReadonlySet<unknown> | null {
  if (!ids) return null
  if (ids.length > 0 && ids.length <= maxFilterIds) return new Set(ids)
  const message = `\`${argument}\` takes 1 to ${maxFilterIds} ids; leave it out for all.`
  throw new CodedError('BAD_USER_INPUT', message, { argument })
}

function matches(ids: ReadonlySet<unknown> | null, id: unknown): boolean {
  return ids === null || ids.has(id)
}
