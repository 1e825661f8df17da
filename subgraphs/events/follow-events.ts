import { readableEventTypes } from '../../kit/declared-event-types.ts'
import { type StreamArguments, openEventFeed } from '../../kit/event-feed.ts'
import { eventTypeInfo } from '../../kit/event-types.ts'
import type { DomainEvent, EventFeed } from '../../kit/events.ts'
import { mapFeed } from '../../kit/map-feed.ts'
import { checkTypes } from './read-events.ts'
import type { EventsContext } from './subgraph.ts'

export interface FollowArgs extends StreamArguments {
  readonly types: readonly string[]
}

/**
 * Events of some types after a cursor and then live; see `Subscription.eventRecorded`. Whether a declaration still holds
 * is asked for each of its events, so that a type which is declared anew is told on, and one that has ended is not.
 */
export async function followEvents(context: EventsContext, { types, after }: FollowArgs): Promise<EventFeed> {
  const { caller, events } = context
  const { types: own } = await checkTypes(context, types)
  const wanted = new Set(types.filter((type) => eventTypeInfo(type) === undefined))
  const reader = { scopes: caller.scopes, sandbox: caller.environment === 'sandbox' }
  const mayLearn = ({ audience }: DomainEvent): boolean =>
    caller.operator || audience.length === 0 || audience.includes(caller.organizationId)
  const holds = async ({ type, declaration }: DomainEvent): Promise<boolean> => {
    if (declaration === undefined) return true
    if (!wanted.has(type)) return false
    return (await readableEventTypes(events.declared, reader, [type])).declarations.includes(declaration)
  }
  const declarations = wanted.size === 0 ? [] : 'any'
  const feed = await openEventFeed(context, { after: after ?? null }, { types: own, declarations })
  return mapFeed(feed, async (event) => (mayLearn(event) && (await holds(event)) ? event : undefined))
}
