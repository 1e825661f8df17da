import { ApolloGateway, type GatewayConfig } from '@apollo/gateway'
import type { QueryPlanner } from '@apollo/query-planner'
import type { GraphQLSchema } from 'graphql'
import { disableApolloTelemetry } from '../../kit/config.ts'
import type { Logger } from '../../kit/log.ts'
import { apolloSupergraph } from './apollo-supergraph.ts'
import type { PlannerFactory } from './choose-planner.ts'
import { type SupergraphSnapshot, createSnapshot } from './supergraph-snapshot.ts'

/** What ApolloServer calls per request, with the operation already parsed and validated. */
export type ApolloExecutor = Awaited<ReturnType<ApolloGateway['load']>>['executor']

/**
 * Apollo's gateway for what it does well, the life of the supergraph (loading, update, health), with execution
 * replaced. ApolloServer takes the executor once, so the executor looks its snapshot up by schema.
 */
export class TributaryGateway extends ApolloGateway {
  readonly #snapshots = new WeakMap<GraphQLSchema, SupergraphSnapshot>()
  readonly #execute: ApolloExecutor
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
    this.#supergraphSdl = options.supergraphSdl
    this.#execute = options.execute
    this.onSchemaLoadOrUpdate(({ apiSchema }) => {
      const apollo: QueryPlanner | undefined = this.__testing().queryPlanner
      if (apollo === undefined) throw new Error('the gateway has loaded a schema without a query planner')
      const planner = options.createPlanner(this.#supergraphSdl, apollo)
      options.log.info({ planner: planner.name }, 'a supergraph is loaded')
      this.#current = createSnapshot({ supergraphSdl: this.#supergraphSdl, apiSchema, planner })
      this.#snapshots.set(apiSchema, this.#current)
      options.onSnapshot(this.#current)
    })
  }

  override async load(options?: Parameters<ApolloGateway['load']>[0]): ReturnType<ApolloGateway['load']> {
    const { schema } = await super.load(options)
    return { schema, executor: this.#execute }
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

function gatewayConfig(supergraphSdl: string, logger: Logger): GatewayConfig {
  disableApolloTelemetry()
  return {
    supergraphSdl: apolloSupergraph(supergraphSdl),
    logger,
    // Plans are made by the snapshot's planner; these bounds keep a hostile operation from planning for seconds.
    queryPlannerConfig: { debug: { maxEvaluatedPlans: 1_000, pathsLimit: 10_000 } },
  }
}
