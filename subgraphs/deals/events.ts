import type { Caller } from '../../kit/caller.ts'
import { CodedError } from '../../kit/errors.ts'
import type { DomainEvent, EventFeed, EventLog, NewEvent } from '../../kit/events.ts'
import { mapFeed } from '../../kit/map-feed.ts'
import { type DealState, dealStates } from './deal-state.ts'

const eventTypes = dealStates.map((state) => eventType(state))

function eventType(state: DealState): string {
  return `deal.${state.toLowerCase()}`
}

/** The event of a registration that came into a state. Only the organization that owns it may learn of it. */
export function dealEvent(
  deal: { readonly _id: string; readonly organizationId: string; readonly state: DealState },
  previousState: DealState | null,
): NewEvent {
  return {
    type: eventType(deal.state),
    subject: deal._id,
    audience: [deal.organizationId],
    data: { state: deal.state, previousState },
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
  const feed = await events.subscribe(eventTypes)
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
