import type { SupergraphFollowing } from '../../gateway/supergraph/follow-supergraph.ts'
import type { IdentityDirectory } from '../../gateway/identity/identity-directory.ts'
import {
  type TrustedDocuments,
  createPersistedDocuments,
  createSentDocuments,
} from '../../gateway/operation/persisted-documents.ts'
import type { GraphEditions } from '../../gateway/editions/graph-editions.ts'
import { choosePlanner } from '../../gateway/plan/choose-planner.ts'
import { createCallerSchemas } from '../../gateway/policy/caller-schema.ts'
import type { Identity, PlanLimits } from '../../gateway/request.ts'
import { type HttpSettings, serveGraph } from '../../gateway/serve-graph.ts'
import type { Transport } from '../../gateway/transport/transport.ts'
import { CodedError } from '../../kit/errors.ts'
import { createMetrics } from '../../gateway/telemetry/metrics.ts'
import { createLogger } from '../../kit/log.ts'
import type { SubgraphService } from '../../kit/subgraph-service.ts'
import { lasting } from './lasting.ts'
import { type MiniSubgraph, type PipelineOptions, createMiniGraph, generousLimits, testCaller } from './mini-graph.ts'

export type FrontName = HttpSettings['front']

/** Both fronts of the graph over HTTP: what is said of one must be said of the other. */
export const fronts: readonly FrontName[] = ['tributary', 'apollo']

export interface ServedGraph extends AsyncDisposable {
  readonly url: string
  /** The URL of the graph. */
  readonly graph: string
  /** Every request that reached a subgraph, in order. */
  readonly fetches: { readonly subgraph: string; readonly query: string; readonly variables: object }[]
}

/** The app of the platform's operator. */
export const operatorApp = 'app_operator'
/** What opens the metrics and nothing else. */
export const metricsToken = 'a-token-for-metrics'

/** Headers of the app of a test with these scopes; another name is another app. */
export function headersOf(app = 'app_test', scopes: readonly string[] = []): Record<string, string> {
  return { 'x-tributary-app': app, 'x-tributary-key': ['key', ...scopes].join(' ') }
}

/** Small subgraphs behind the whole of a gateway but for who calls: any app is known, by a key that says its scopes. */
export async function startServedGraph(
  subgraphs: readonly MiniSubgraph[],
  {
    http = {},
    limits = {},
    admit = () => Promise.resolve(),
    trusted = () => Promise.resolve(null),
    pipeline: pipelineOptions = {},
    connect,
    subgraphHealth,
    supergraphs,
    editionsOf,
  }: {
    readonly http?: Partial<HttpSettings>
    readonly limits?: Partial<PlanLimits>
    /** What a new document must pass. */
    readonly admit?: (text: string) => Promise<void>
    readonly trusted?: TrustedDocuments
    readonly pipeline?: PipelineOptions
    /** How subgraphs are reached; in process unless told. */
    readonly connect?: (service: SubgraphService) => Promise<Transport>
    /** What follows supergraphs; none does unless told. */
    readonly supergraphs?: SupergraphFollowing
    readonly subgraphHealth?: () => Promise<object>
    /** Contracts and versions; none unless told. */
    readonly editionsOf?: () => GraphEditions
  } = {},
): Promise<ServedGraph> {
  const metrics = createMetrics()
  const { pipeline, fetches, supergraphSdl } = await createMiniGraph(subgraphs, {
    ...pipelineOptions,
    ...(connect ? { connect } : {}),
    metrics,
  })
  const identities = new Map<string, Identity>()
  metrics.showStreams(() => pipeline.openStreams())
  if (supergraphs) metrics.showSupergraphs(() => supergraphs.status())
  const identify: IdentityDirectory['identify'] = (credentials) => {
    if (credentials?.kind !== 'key' || !credentials.key.startsWith('key')) {
      return Promise.reject(new CodedError('UNAUTHENTICATED', 'The app id or key is not valid.'))
    }
    const { appId, key } = credentials
    const known = identities.get(`${appId} ${key}`)
    if (known !== undefined) return Promise.resolve(known)
    const caller = testCaller({ appId, scopes: key.split(' ').slice(1), operator: appId === operatorApp })
    const identity = { caller, limits: { ...generousLimits, ...limits } }
    identities.set(`${appId} ${key}`, identity)
    return Promise.resolve(identity)
  }
  const directory: IdentityDirectory = {
    identify,
    recognise: async (credentials) => ({ identity: await identify(credentials), subjects: [], endsAt: null }),
    verify: () => Promise.resolve(),
  }
  const server = await serveGraph({
    supergraphSdl,
    planners: choosePlanner(pipelineOptions.planner ?? 'auto', createLogger('test', 'silent')),
    pipeline,
    callerSchema: createCallerSchemas(),
    directory,
    watch: { watch: async (credentials) => lasting(await identify(credentials)), close: () => Promise.resolve() },
    clientOf: () => 'test',
    documents: { admit: (_identity, text) => admit(text), accept: () => undefined },
    persisted: createPersistedDocuments({ sent: createSentDocuments(), trusted }),
    auth: null,
    subgraphNames: subgraphs.map(({ name }) => name),
    ...(subgraphHealth ? { subgraphHealth } : {}),
    isReady: () => true,
    supergraphs,
    editions: editionsOf?.(),
    metrics: { ...metrics, token: metricsToken },
    portal: { demo: null, samples: [], version: 'test' },
    http: { front: 'tributary', compression: true, origins: [], maxConnections: 1_000, ...http },
    port: 0,
    host: '127.0.0.1',
    log: createLogger('test', 'silent'),
  })
  return { url: server.url, graph: `${server.url}/graphql`, fetches, [Symbol.asyncDispose]: () => server.close() }
}
