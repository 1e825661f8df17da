import { ApolloGateway, type GatewayConfig } from '@apollo/gateway'
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { QueryPlanner } from '@apollo/query-planner'
import { type GraphQLSchema, buildASTSchema, parse } from 'graphql'
import { disableApolloTelemetry } from '../../kit/config.ts'
import type { Logger } from '../../kit/log.ts'
import { apolloSupergraph } from './apollo-supergraph.ts'
import { type PlannerFactory, deferPlanner } from './choose-planner.ts'
import { withDeferDirective } from './defer-directive.ts'
import type { Routes } from './routed-plan.ts'
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
  readonly #createPlanner: PlannerFactory
  readonly #onSnapshot: (snapshot: SupergraphSnapshot) => void
  readonly #listeners = new Set<SchemaListener>()
  #supergraphSdl: string
  #current: SupergraphSnapshot | undefined

  constructor(options: {
    supergraphSdl: string
    execute: ApolloExecutor
    createPlanner: PlannerFactory
    /** Told of each snapshot as soon as new requests begin with it. */
    onSnapshot: (snapshot: SupergraphSnapshot) => void
    log: Logger
  }) {
    super(gatewayConfig(options.supergraphSdl, options.log))
    this.#createPlanner = options.createPlanner
    this.#onSnapshot = options.onSnapshot
    this.#supergraphSdl = options.supergraphSdl
    this.#execute = options.execute
    super.onSchemaLoadOrUpdate((loaded) => {
      const apiSchema = this.#withDefer(loaded.apiSchema)
      const apollo: QueryPlanner | undefined = this.__testing().queryPlanner
      if (apollo === undefined) throw new Error('the gateway has loaded a schema without a query planner')
      const planner = options.createPlanner(this.#supergraphSdl, () => apollo)
      options.log.info({ planner: planner.name }, 'a supergraph is loaded')
      this.#current = createSnapshot({
        supergraphSdl: this.#supergraphSdl,
        apiSchema,
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
   * Makes a snapshot of another supergraph, in steps between which requests are served. Throws when it cannot be served;
   * nothing is changed by it.
   */
  async prepare({ supergraphSdl, apiSdl, routes }: NextSupergraph): Promise<PreparedSupergraph> {
    const api = buildASTSchema(parse(apiSdl, { noLocation: true }), { assumeValid: true, assumeValidSDL: true })
    const apiSchema = withDeferDirective(api)
    await turn()
    const planner = this.#createPlanner(supergraphSdl, () => apolloPlanner(supergraphSdl))
    await turn()
    const snapshot = createSnapshot({
      supergraphSdl,
      apiSchema,
      planner,
      routes,
      deferring: () => deferPlanner(supergraphSdl, () => apolloPlanner(supergraphSdl)),
    })
    refuseOther(snapshot)
    await turn()
    return { snapshot, supergraphSdl }
  }

  /** New requests begin with this snapshot from now on; those under way end with theirs. */
  swap({ snapshot, supergraphSdl }: PreparedSupergraph): void {
    const { apiSchema } = snapshot
    this.#supergraphSdl = supergraphSdl
    this.#snapshots.set(apiSchema, snapshot)
    this.#current = snapshot
    for (const listener of this.#listeners) listener({ apiSchema, coreSupergraphSdl: supergraphSdl })
    this.#onSnapshot(snapshot)
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

/** Plans are made by the snapshot's planner; these bounds keep a hostile operation from planning for seconds. */
const plannerConfig = {
  incrementalDelivery: { enableDefer: true },
  debug: { maxEvaluatedPlans: 1_000, pathsLimit: 10_000 },
}

/**
 * Takes a good part of a second, in which nothing is served: only where the Rust planner does not load, and for the first
 * answer in parts.
 */
function apolloPlanner(supergraphSdl: string): QueryPlanner {
  const supergraph = Supergraph.build(apolloSupergraph(supergraphSdl), {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  })
  return new QueryPlanner(supergraph, plannerConfig)
}

/** Planners take texts that are no supergraphs, and would answer nothing of them. */
function refuseOther({ apiSchema, supergraphSchema }: SupergraphSnapshot): void {
  if (supergraphSchema.getType('join__Graph') === undefined)
    throw new Error('It is no supergraph: it names no subgraphs.')
  const missing = Object.keys(apiSchema.getTypeMap()).find((name) => !supergraphSchema.getType(name))
  if (missing !== undefined) throw new Error(`It has no type ${missing}, which clients are told of.`)
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function gatewayConfig(supergraphSdl: string, logger: Logger): GatewayConfig {
  disableApolloTelemetry()
  return {
    supergraphSdl: apolloSupergraph(supergraphSdl),
    logger,
    queryPlannerConfig: plannerConfig,
  }
}
