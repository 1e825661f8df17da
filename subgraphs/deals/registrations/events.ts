import type { Caller } from '../../../kit/caller.ts'
import { CodedError } from '../../../kit/errors.ts'
import { type StreamArguments, openEventFeed } from '../../../kit/event-feed.ts'
import type { DomainEvent, EventFeed, EventValue, NewEvent } from '../../../kit/events.ts'
import { mapFeed } from '../../../kit/map-feed.ts'
import type { DealContext } from '../deal-context.ts'
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

/** What `dealChanged` may be narrowed to; null and left out mean all. */
export interface DealChangeFilter {
  readonly states?: readonly DealState[] | null
  readonly dealIds?: readonly string[] | null
  readonly productIds?: readonly string[] | null
  readonly territories?: readonly string[] | null
}

const mostIds = 250

/** Committed changes of deal registrations that the caller may learn of: after a cursor and then live, or live only. */
export async function dealChanges(
  context: DealContext,
  { after, filter }: StreamArguments & { readonly filter?: DealChangeFilter | null },
): Promise<EventFeed> {
  const states = wantedOf('states', filter?.states, dealStates.length)
  const dealIds = wantedOf('dealIds', filter?.dealIds, mostIds)
  const productIds = wantedOf('productIds', filter?.productIds, mostIds)
  const territories = wantedOf('territories', filter?.territories, mostIds)
  const matches = ({ subject, data }: DomainEvent): boolean =>
    states(data['state']) && dealIds(subject) && productIds(data['productId']) && territories(data['territory'])

  const types = [...Object.values(eventTypes), reopened]
  const feed = await openEventFeed(context, { after: after ?? null }, types)
  return mapFeed(feed, (event) => (mayLearn(context.caller, event) && matches(event) ? event : undefined))
}

function wantedOf(argument: string, values: readonly string[] | null | undefined, most: number) {
  if (!values) return () => true
  if (values.length === 0 || values.length > most) {
    const message = `\`${argument}\` takes 1 to ${most} of them; leave it out for all.`
    throw new CodedError('BAD_USER_INPUT', message, { argument: `filter.${argument}` })
  }
  const wanted = new Set<unknown>(values)
  return (value: unknown) => wanted.has(value)
}

/** An event as the subscription answers it. */
export function dealChange<Deal>(
  event: DomainEvent,
  { cursor, deal }: { readonly cursor: string; readonly deal: Promise<Deal> },
) {
  return {
    id: event.id,
    cursor,
    subject: event.subject,
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
