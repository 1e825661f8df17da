import { ApolloGateway, type GatewayConfig } from '@apollo/gateway'
import type { QueryPlanner } from '@apollo/query-planner'
import type { GraphQLSchema } from 'graphql'
import { disableApolloTelemetry } from '../../kit/config.ts'
import type { Logger } from '../../kit/log.ts'
import { apolloSupergraph } from './apollo-supergraph.ts'
import { apolloPlannerConfig } from './build-apollo-planner.ts'
import { buildSchema } from './build-schema.ts'
import { type PlannerFactory, deferPlanner } from './choose-planner.ts'
import { deferDirective, withDeferDirective } from './defer-directive.ts'
import { createDeferringPlanner } from './deferring-planner.ts'
import type { Routes } from './routed-plan.ts'
import { createSlices } from './slices.ts'
import { type SupergraphSnapshot, createSnapshot } from './supergraph-snapshot.ts'

/** What ApolloServer calls per request, with the operation already parsed and validated. */
export type ApolloExecutor = Awaited<ReturnType<ApolloGateway['load']>>['executor']

type SchemaListener = Parameters<ApolloGateway['onSchemaLoadOrUpdate']>[0]

/** A supergraph that may take the place of the one that is served. */
export interface NextSupergraph {
  readonly supergraphSdl: string
  /** What clients see of it. */
  readonly apiSdl: string
  readonly routes: Routes
  /** The schemas of its contracts and versions by name, in SDL. */
  readonly editions?: ReadonlyMap<string, string>
}

export interface PreparedSupergraph {
  readonly snapshot: SupergraphSnapshot
  readonly supergraphSdl: string
}

/**
 * Apollo's gateway for what it does well, the life of the supergraph (loading, update, health), with execution
 * replaced. ApolloServer takes the executor once, so the executor looks its snapshot up by schema.
 */
export class TributaryGateway extends ApolloGateway {
  readonly #snapshots = new WeakMap<GraphQLSchema, SupergraphSnapshot>()
  readonly #withDirective = new WeakMap<GraphQLSchema, GraphQLSchema>()
  readonly #execute: ApolloExecutor
  readonly #planners: PlannerFactory
  readonly #log: Logger
  readonly #onSnapshot: (snapshot: SupergraphSnapshot) => void
  readonly #listeners = new Set<SchemaListener>()
  #resting: { readonly timer: NodeJS.Timeout; readonly rest: () => void } | undefined
  #supergraphSdl: string
  #current: SupergraphSnapshot | undefined

  constructor(options: {
    supergraphSdl: string
    execute: ApolloExecutor
    planners: PlannerFactory
    /** Told of each snapshot as soon as new requests begin with it. */
    onSnapshot: (snapshot: SupergraphSnapshot) => void
    log: Logger
    /** The schemas of the first supergraph's contracts and versions. */
    editions?: ReadonlyMap<string, string>
  }) {
    super(gatewayConfig(options.supergraphSdl, options.log))
    this.#planners = options.planners
    this.#log = options.log
    this.#onSnapshot = options.onSnapshot
    this.#supergraphSdl = options.supergraphSdl
    this.#execute = options.execute
    super.onSchemaLoadOrUpdate((loaded) => {
      const apiSchema = this.#withDefer(loaded.apiSchema)
      const apollo: QueryPlanner | undefined = this.__testing().queryPlanner
      if (apollo === undefined) throw new Error('the gateway has loaded a schema without a query planner')
      const planner = options.planners.create(this.#supergraphSdl, () => apollo)
      options.log.info({ planner: planner.name }, 'a supergraph is loaded')
      this.#current = createSnapshot({
        supergraphSdl: this.#supergraphSdl,
        apiSchema,
        editions: options.editions ?? new Map(),
        planner,
        deferring: () => deferPlanner(loaded.coreSupergraphSdl, () => apollo),
      })
      this.#snapshots.set(apiSchema, this.#current)
      options.onSnapshot(this.#current)
    })
  }

  override async load(options?: Parameters<ApolloGateway['load']>[0]): ReturnType<ApolloGateway['load']> {
    const { schema } = await super.load(options)
    return { schema: this.#withDefer(schema), executor: this.#execute }
  }

  /** One schema for all who are told of it: snapshots are found by it. */
  #withDefer(apiSchema: GraphQLSchema): GraphQLSchema {
    let schema = this.#withDirective.get(apiSchema)
    if (schema === undefined) {
      schema = withDeferDirective(apiSchema)
      this.#withDirective.set(apiSchema, schema)
    }
    return schema
  }

  /** ApolloServer follows the schema by this; what it is told of a swap is not told by Apollo's gateway. */
  override onSchemaLoadOrUpdate(callback: SchemaListener): () => void {
    this.#listeners.add(callback)
    const forget = super.onSchemaLoadOrUpdate((context) =>
      callback({ ...context, apiSchema: this.#withDefer(context.apiSchema) }),
    )
    return () => {
      this.#listeners.delete(callback)
      forget()
    }
  }

  /**
   * Makes a snapshot of another supergraph: its planner in a thread, the rest in slices between which requests are
   * served. Throws when it cannot be served; nothing is changed by it.
   */
  async prepare({ supergraphSdl, apiSdl, routes, editions = new Map() }: NextSupergraph): Promise<PreparedSupergraph> {
    const slices = createSlices()
    const opening = this.#planners.open(supergraphSdl)
    const deferring = createDeferringPlanner(opening, () => this.#planners.openDeferring(supergraphSdl), this.#log)
    const letRest = (): void => {
      void opening.then(
        (planner) => planner.rest(),
        () => undefined,
      )
      deferring.rest()
    }
    try {
      const [apiSchema, supergraphSchema] = await Promise.all([
        buildSchema(apiSdl, slices, [deferDirective]),
        buildSchema(supergraphSdl, slices),
      ])
      refuseOther({ apiSchema, supergraphSchema })
      const planner = await opening
      // It takes seconds to make: whoever defers now must not wait for it after the swap.
      if (this.#current?.hasDeferred()) await deferring.made()
      const schemas = { supergraphSdl, supergraphSchema, apiSchema, editions }
      const snapshot = createSnapshot({ ...schemas, planner, routes, deferring: () => deferring.now(), rest: letRest })
      return { supergraphSdl, snapshot }
    } catch (error) {
      letRest()
      throw error
    }
  }

  /** New requests begin with this snapshot from now on; those under way end with theirs. */
  swap({ snapshot, supergraphSdl }: PreparedSupergraph): void {
    const { apiSchema } = snapshot
    const before = this.#current
    this.#supergraphSdl = supergraphSdl
    this.#snapshots.set(apiSchema, snapshot)
    this.#current = snapshot
    for (const listener of this.#listeners) listener({ apiSchema, coreSupergraphSdl: supergraphSdl })
    this.#onSnapshot(snapshot)
    if (before) this.#restLater(before.rest)
  }

  /** What began with a snapshot may have something to plan yet; of two that were replaced, the older has had its time. */
  #restLater(rest: () => void): void {
    this.#restNow()
    this.#resting = { timer: setTimeout(rest, restAfterMs).unref(), rest }
  }

  #restNow(): void {
    clearTimeout(this.#resting?.timer)
    this.#resting?.rest()
    this.#resting = undefined
  }

  override async stop(): Promise<void> {
    this.#restNow()
    this.#current?.rest()
    await super.stop()
  }

  /** The snapshot that new requests begin with. */
  get current(): SupergraphSnapshot {
    if (this.#current === undefined) throw new Error('no supergraph is loaded yet')
    return this.#current
  }

  /** The snapshot of a schema that ApolloServer has validated an operation against. */
  snapshotOf(schema: GraphQLSchema): SupergraphSnapshot {
    const snapshot = this.#snapshots.get(schema)
    if (snapshot === undefined) throw new Error('an operation came with a schema of no known supergraph')
    return snapshot
  }
}

/** Longer than an operation takes. */
const restAfterMs = 20_000

/** Planners take texts that are no supergraphs, and would answer nothing of them. */
function refuseOther({
  apiSchema,
  supergraphSchema,
}: Pick<SupergraphSnapshot, 'apiSchema' | 'supergraphSchema'>): void {
  if (supergraphSchema.getType('join__Graph') === undefined)
    throw new Error('It is no supergraph: it names no subgraphs.')
  const missing = Object.keys(apiSchema.getTypeMap()).find((name) => !supergraphSchema.getType(name))
  if (missing !== undefined) throw new Error(`It has no type ${missing}, which clients are told of.`)
}

function gatewayConfig(supergraphSdl: string, logger: Logger): GatewayConfig {
  disableApolloTelemetry()
  return {
    supergraphSdl: apolloSupergraph(supergraphSdl),
    logger,
    queryPlannerConfig: apolloPlannerConfig,
  }
}
