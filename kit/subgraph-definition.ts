import type { GraphQLResolveInfo } from 'graphql'
import type { Connection } from 'mongoose'
import type { Importer, Outside, Reaction, Timer, Worker } from './background.ts'
import type { Caller } from './caller.ts'
import type { EventCursors } from './event-cursor.ts'
import type { EventLog } from './events.ts'
import type { SecretPurpose } from './secrets.ts'

/** What a resolver gets. A new one per request and per event, so loaders and verdicts never outlive what they hold. */
export interface SubgraphContext<Models, Loaders> {
  readonly caller: Caller
  readonly requestId: string
  readonly models: Models
  readonly loaders: Loaders
  readonly events: EventLog
  readonly cursors: EventCursors
  readonly connection: Connection
  readonly now: () => Date
}

/** What models are made from; secrets and settings arrive here and never through the environment. */
export interface ModelDependencies {
  readonly connection: Connection
  readonly now: () => Date
}

/** What models are made from that also make or check secrets: one key per purpose, never the installation's secret. */
export interface SecretModelDependencies extends ModelDependencies {
  readonly secretFor: (purpose: SecretPurpose) => Buffer
  /** Left out where nothing outside of the subgraph can be reached. */
  readonly outside?: Outside | undefined
}

type Resolver<Context> = (parent: never, args: never, context: Context, info: GraphQLResolveInfo) => unknown

/** A subscription field: `subscribe` gives the feed, `resolve` turns one event into the field's value. */
export interface SubscriptionResolver<Context> {
  readonly subscribe: Resolver<Context>
  readonly resolve: Resolver<Context>
}

/** Resolvers by type and field; `__resolveReference(reference, context, info)` is an entity's reference resolver. */
export type Resolvers<Context> = Readonly<
  Record<
    string,
    Readonly<
      Record<
        string,
        | Resolver<Context>
        | SubscriptionResolver<Context>
        | ((reference: never, context: Context, info: GraphQLResolveInfo) => unknown)
      >
    >
  >
>

/** A subgraph as its folder's `subgraph.ts` exports it; `subgraphs/registry.ts` lists them all. */
export interface SubgraphDefinition<Models = unknown, Loaders = unknown> {
  readonly name: string
  /** The complete SDL, with the federation link and the shared types. */
  readonly sdl: string
  /** Binds the mongoose models to a connection. Called once per process, synchronous; indexes are made by `prepare`. */
  readonly createModels: (dependencies: SecretModelDependencies) => Models
  /** Creates collections and indexes. Run once at start, before the first request. */
  readonly prepare: (models: Models) => Promise<void>
  readonly createLoaders: (models: Models, caller: Caller) => Loaders
  readonly resolvers: Resolvers<SubgraphContext<Models, Loaders>>
  /** What it does when a time has come, whoever calls. */
  readonly timers?: readonly Timer<Models>[]
  /** What it does when another subgraph, or itself, has recorded an event. */
  readonly reactions?: readonly Reaction<Models>[]
  /** What it does as long as the process lives, together with other processes. */
  readonly workers?: readonly Worker<Models>[]
  /** The kinds of lines that can be imported into it in bulk. */
  readonly importers?: readonly Importer<Models>[]
}
