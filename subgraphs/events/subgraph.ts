import { publicEventTypes } from '../../kit/event-types.ts'
import type { DomainEvent } from '../../kit/events.ts'
import { loadSdl } from '../../kit/sdl.ts'
import type { SubgraphContext, SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { type FollowArgs, followEvents } from './follow-events.ts'
import { type EventsArgs, readEvents, toNode } from './read-events.ts'

export type EventsContext = SubgraphContext<null, null>

/** The log of events for readers that poll it. It owns no collection: it reads what all subgraphs record. */
export const eventsSubgraph: SubgraphDefinition<null, null> = {
  name: 'events',
  sdl: loadSdl(import.meta.url),
  createModels: () => null,
  prepare: () => Promise.resolve(),
  createLoaders: () => null,
  resolvers: {
    Query: {
      events: (_: unknown, args: EventsArgs, context: EventsContext) => readEvents(context, args),
      async eventLog(_: unknown, _args: unknown, { events, cursors }: EventsContext) {
        const { oldest, newest } = await events.bounds()
        return { oldest: cursors.encode(oldest - 1), newest: cursors.encode(newest) }
      },
      async eventTypes(_: unknown, _args: unknown, { caller: { scopes, environment }, events }: EventsContext) {
        const declared = await events.declared.readable({ scopes, sandbox: environment === 'sandbox' })
        const own = publicEventTypes.filter(({ scope }) => scopes.includes(scope))
        return [...own, ...declared].toSorted((a, b) => (a.name < b.name ? -1 : 1))
      },
    },
    Subscription: {
      eventRecorded: {
        subscribe: (_: unknown, args: FollowArgs, context: EventsContext) => followEvents(context, args),
        resolve: (event: DomainEvent, _: unknown, { caller: { scopes }, cursors }: EventsContext) =>
          toNode(event, { cursor: cursors.encode(event.position), scopes }),
      },
    },
    EventType: { subgraph: ({ subgraph }: { readonly subgraph?: string }) => subgraph ?? null },
  },
}
