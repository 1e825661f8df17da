import type { Caller } from '../../../kit/caller.ts'
import { CodedError } from '../../../kit/errors.ts'
import type { DomainEvent, EventFeed, EventLog, EventValue, NewEvent } from '../../../kit/events.ts'
import { mapFeed } from '../../../kit/map-feed.ts'
import type { DealRegistrationDocument } from './deal-document.ts'
import { type DealState, dealStates } from './deal-state.ts'

/** The type of the event that tells of a registration's coming into a state. */
const eventTypes: Readonly<Record<DealState, string>> = {
  DRAFT: 'deal.drafted',
  SUBMITTED: 'deal.submitted',
  UNDER_REVIEW: 'deal.reviewed',
  APPROVED: 'deal.approved',
  REJECTED: 'deal.rejected',
  RETURNED: 'deal.returned',
  CONVERTED: 'deal.converted',
  EXPIRED: 'deal.expired',
  WON: 'deal.won',
  LOST: 'deal.lost',
  WITHDRAWN: 'deal.withdrawn',
}

const reopened = 'deal.reopened'

/** The event of a registration that came into a state. Only the organization that owns it may learn of it. */
export function dealEvent(deal: DealRegistrationDocument, previousState: DealState | null): NewEvent {
  const type = previousState === 'WON' ? reopened : eventTypes[deal.state]
  return dealNotice(type, deal, { previousState })
}

/** An event about a registration whose state stays. */
export function dealNotice(
  type: string,
  deal: DealRegistrationDocument,
  more: Readonly<Record<string, EventValue>> = {},
): NewEvent {
  const value = deal.wonValue ?? deal.estimatedValue
  return {
    type,
    subject: deal._id,
    audience: [deal.organizationId],
    data: {
      state: deal.state,
      organizationId: deal.organizationId,
      productId: deal.productId,
      skuId: deal.skuId,
      quantity: deal.quantity,
      family: deal.family,
      territory: deal.territory,
      reserveStock: deal.reserveStock,
      valueMinorUnits: value?.minorUnits ?? null,
      currencyCode: value?.currencyCode ?? null,
      protectedUntil: deal.protectedUntil?.toISOString() ?? null,
      ...more,
    },
  }
}

/** Committed changes of deal registrations from now on that the caller may learn of and asked for. */
export async function dealChanges(
  events: EventLog,
  caller: Caller,
  states: readonly DealState[] | null | undefined,
): Promise<EventFeed> {
  if (states && (states.length === 0 || states.length > dealStates.length)) {
    const message = `\`states\` takes 1 to ${dealStates.length} states; leave it out for all.`
    throw new CodedError('BAD_USER_INPUT', message, { argument: 'states' })
  }
  const wanted = states ? new Set<unknown>(states) : null
  const feed = await events.subscribe([...Object.values(eventTypes), reopened])
  return mapFeed(feed, (event) =>
    mayLearn(caller, event) && (wanted === null || wanted.has(event.data['state'])) ? event : undefined,
  )
}

/** An event as the subscription answers it. */
export function dealChange<Deal>(event: DomainEvent, deal: Promise<Deal>) {
  return {
    id: event.id,
    occurredAt: event.time,
    type: event.type,
    state: event.data['state'],
    previousState: event.data['previousState'],
    deal,
  }
}

function mayLearn(caller: Caller, { audience }: DomainEvent): boolean {
  return caller.operator || audience.length === 0 || audience.includes(caller.organizationId)
}
