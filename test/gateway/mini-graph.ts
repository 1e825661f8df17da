import { QueryPlanner } from '@apollo/query-planner'
import { Supergraph } from '@apollo/federation-internals'
import { parse } from 'graphql'
import { createMemoryCostBuckets } from '../../gateway/cost/memory-cost-buckets.ts'
import type { UsageRecorder } from '../../gateway/cost/usage-recorder.ts'
import { type GraphAnswer, type Pipeline, createPipeline } from '../../gateway/pipeline.ts'
import { apolloSupergraph } from '../../gateway/plan/apollo-supergraph.ts'
import { type SupergraphSnapshot, createSnapshot } from '../../gateway/plan/supergraph-snapshot.ts'
import type { PlanLimits } from '../../gateway/request.ts'
import { createInProcessTransport } from '../../gateway/transport/in-process-transport.ts'
import type { Transport, TransportRequest } from '../../gateway/transport/transport.ts'
import { type Caller, createCaller } from '../../kit/caller.ts'
import { createLogger } from '../../kit/log.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { createSubgraphService } from '../../kit/subgraph-service.ts'
import { composeSupergraph } from '../../subgraphs/compose.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@external",
  "@requires", "@shareable", "@inaccessible", "@authenticated", "@requiresScopes", "@cost", "@listSize"])\n`

/** A subgraph of a test: SDL without the federation link, and resolvers. */
export interface MiniSubgraph {
  readonly name: string
  readonly sdl: string
  readonly resolvers: SubgraphDefinition<object, object>['resolvers']
}

export interface MiniGraph {
  readonly snapshot: SupergraphSnapshot
  readonly pipeline: Pipeline
  /** Every request that reached a subgraph, in order. */
  readonly fetches: { readonly subgraph: string; readonly query: string; readonly variables: object }[]
  /** Runs an operation as a caller with these scopes. */
  run(query: string, options?: RunOptions): Promise<GraphAnswer>
}

export interface RunOptions {
  readonly scopes?: readonly string[]
  readonly variables?: Readonly<Record<string, unknown>>
  readonly limits?: Partial<PlanLimits>
  readonly appId?: string
}

export const generousLimits: PlanLimits = {
  planId: 'plan_test',
  planName: 'Test',
  bucketSize: 100_000,
  restoreRate: 1_000,
  maxQueryCost: 100_000,
  monthlyCalls: null,
  readOnly: false,
}

export function testCaller(fields: Partial<Caller> = {}): Caller {
  return createCaller({
    appId: 'app_test',
    appName: 'Test',
    organizationId: 'org_test',
    environment: 'sandbox',
    planId: 'plan_test',
    scopes: [],
    operator: false,
    credentialId: 'cred_test',
    ...fields,
  })
}

/** Composes small subgraphs, without a database, behind the real pipeline. */
export async function createMiniGraph(
  subgraphs: readonly MiniSubgraph[],
  options: { readonly nowMs?: () => number; readonly usage?: UsageRecorder } = {},
): Promise<MiniGraph> {
  const log = createLogger('test', 'silent')
  const fetches: MiniGraph['fetches'] = []
  const transports = new Map<string, Transport>()
  for (const { name, sdl, resolvers } of subgraphs) {
    const service = await createSubgraphService(
      {
        name,
        sdl: link + sdl,
        resolvers,
        createModels: () => ({}),
        prepare: () => Promise.resolve(),
        createLoaders: () => ({}),
      },
      // These subgraphs touch neither; a use would fail at once.
      { connection: undefined as never, events: undefined as never, log, now: () => new Date(0) },
    )
    transports.set(name, counted(createInProcessTransport(service), name, fetches))
  }
  const { supergraphSdl } = composeSupergraph(
    subgraphs.map(({ name, sdl }) => ({ name, sdl: link + sdl, url: `http://${name}.test` })),
  )
  const supergraph = Supergraph.build(apolloSupergraph(supergraphSdl))
  const snapshot = createSnapshot({
    supergraphSdl,
    apiSchema: supergraph.apiSchema().toGraphQLJSSchema(),
    planner: new QueryPlanner(supergraph),
  })
  const pipeline = createPipeline({
    transports,
    buckets: createMemoryCostBuckets(options.nowMs ?? (() => 0)),
    usage: options.usage ?? { record: () => undefined, close: () => Promise.resolve() },
    log,
    deadlineMs: 5_000,
  })
  return {
    snapshot,
    pipeline,
    fetches,
    run: (query, { scopes = [], variables = {}, limits = {}, appId = 'app_test' } = {}) =>
      pipeline.execute({
        snapshot,
        document: parse(query),
        operationName: undefined,
        variables,
        identity: { caller: testCaller({ scopes, appId }), limits: { ...generousLimits, ...limits } },
        requestId: 'test',
        signal: new AbortController().signal,
      }),
  }
}

function counted(transport: Transport, subgraph: string, fetches: MiniGraph['fetches']): Transport {
  const note = ({ query, variables }: TransportRequest): void => void fetches.push({ subgraph, query, variables })
  return {
    ...transport,
    execute: (request) => {
      note(request)
      return transport.execute(request)
    },
    subscribe: (request) => {
      note(request)
      return transport.subscribe(request)
    },
  }
}
