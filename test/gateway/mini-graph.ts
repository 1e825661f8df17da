import { QueryPlanner } from '@apollo/query-planner'
import { Supergraph } from '@apollo/federation-internals'
import { type DocumentNode, parse } from 'graphql'
import type { Limiter } from '../../gateway/cost/limiter.ts'
import { createResponseCache } from '../../gateway/answers/response-cache.ts'
import { createMemoryLimiter } from '../../gateway/cost/memory-limiter.ts'
import type { QuotaAlerts } from '../../gateway/cost/quota-alerts.ts'
import type { UsageRecorder } from '../../gateway/cost/usage-recorder.ts'
import { GraphAnswer } from '../../gateway/pipeline/graph-answer.ts'
import { type Metrics, createMetrics } from '../../gateway/telemetry/metrics.ts'
import { createOperationObserver } from '../../gateway/telemetry/operation-observer.ts'
import type { GraphRequest } from '../../gateway/pipeline/graph-request.ts'
import { type Pipeline, createPipeline } from '../../gateway/pipeline.ts'
import { apolloSupergraph } from '../../gateway/plan/apollo-supergraph.ts'
import { choosePlanner, deferPlanner } from '../../gateway/plan/choose-planner.ts'
import { withDeferDirective } from '../../gateway/plan/defer-directive.ts'
import type { PlannerName } from '../../gateway/plan/planner.ts'
import { type SupergraphSnapshot, createSnapshot } from '../../gateway/plan/supergraph-snapshot.ts'
import { createCallerSchemas } from '../../gateway/policy/caller-schema.ts'
import type { Identity, PlanLimits } from '../../gateway/request.ts'
import type { HubSettings } from '../../gateway/streams/hub/hub-settings.ts'
import { createStreamFeed } from './stream-feed.ts'
import { type StreamEvent, isStream } from '../../gateway/streams/stream-reader.ts'
import { createInProcessTransport } from '../../gateway/transport/in-process-transport.ts'
import type { Transport, TransportRequest } from '../../gateway/transport/transport.ts'
import { type Caller, createCaller } from '../../kit/caller.ts'
import { CodedError, type ErrorCode } from '../../kit/errors.ts'
import { type EventCursors, createEventCursors } from '../../kit/event-cursor.ts'
import { createLogger } from '../../kit/log.ts'
import { mapFeed } from '../../kit/map-feed.ts'
import type { SubgraphDefinition } from '../../kit/subgraph-definition.ts'
import { createSubgraphService } from '../../kit/subgraph-service.ts'
import type { SubgraphService } from '../../kit/subgraph-service.ts'
import { type ComposedService, composeSupergraph } from '../../subgraphs/compose.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@external",
  "@requires", "@shareable", "@inaccessible", "@tag", "@authenticated", "@requiresScopes", "@cost", "@listSize",
  "@composeDirective"])\n`

const log = createLogger('test', 'silent')

/** A subgraph of a test: SDL without the federation link, and resolvers. */
export interface MiniSubgraph {
  readonly name: string
  readonly sdl: string
  readonly resolvers: SubgraphDefinition<object, object>['resolvers']
}

export interface TestPipeline {
  readonly supergraphSdl: string
  readonly snapshot: SupergraphSnapshot
  readonly pipeline: Pipeline
  /** Every request that reached a subgraph, in order. */
  readonly fetches: { readonly subgraph: string; readonly query: string; readonly variables: object }[]
  /** Runs an operation as a caller with these scopes, or as the given one. */
  run(query: string | DocumentNode, options?: RunOptions): Promise<GraphAnswer>
  /** The same for a subscription: the answers of its events, or why there are none. */
  subscribe(query: string, options?: RunOptions): Promise<GraphAnswer | AsyncIterableIterator<GraphAnswer, undefined>>
  /** Runs an operation for a client that takes parts: its payloads, or the whole answer. */
  runInParts(query: string | DocumentNode, options?: RunOptions): Promise<GraphAnswer | readonly Payload[]>
  /** The same as fronts get it. */
  open(query: string, options?: RunOptions): ReturnType<Pipeline['subscribe']>
}

/** One payload of an answer in parts. */
export interface Payload {
  readonly data?: unknown
  readonly errors?: readonly PartError[]
  readonly incremental?: readonly {
    readonly label?: string
    readonly path: readonly (string | number)[]
    readonly data: unknown
    readonly errors?: readonly PartError[]
  }[]
  readonly hasNext: boolean
  readonly extensions?: Readonly<Record<string, unknown>>
}

export interface PartError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions: { readonly code: ErrorCode }
}

export interface RunOptions {
  readonly scopes?: readonly string[]
  readonly variables?: Readonly<Record<string, unknown>>
  readonly limits?: Partial<PlanLimits>
  readonly appId?: string
  readonly caller?: Caller
  /** Instead of a caller and limits. */
  readonly identity?: Identity
  readonly signal?: AbortSignal
  /** The cursor that a stream goes on after, as a front gives it. */
  readonly after?: string
  readonly snapshot?: SupergraphSnapshot
}

export interface PipelineOptions {
  /** The schemas of contracts and versions by name; none unless told. */
  readonly editions?: ReadonlyMap<string, string>
  /** Of kept answers; none are kept unless told. */
  readonly cacheBytes?: number
  readonly metrics?: Metrics
  readonly nowMs?: () => number
  readonly usage?: UsageRecorder
  readonly deadlineMs?: number
  readonly limiter?: Limiter
  readonly alerts?: QuotaAlerts
  readonly now?: () => Date
  readonly planner?: PlannerName
  readonly newestEvent?: () => Promise<string | null>
  readonly streams?: Partial<HubSettings>
  readonly cursors?: EventCursors
}

export const generousLimits: PlanLimits = {
  planId: 'plan_test',
  planName: 'Test',
  bucketSize: 100_000,
  restoreRate: 1_000,
  maxQueryCost: 100_000,
  dailyCalls: null,
  monthlyCalls: null,
  quotaMode: 'HARD',
  endUserBucketSize: null,
  endUserRestoreRate: null,
  openStreams: null,
  concurrentRequests: null,
  fieldLimits: [],
  readOnly: false,
  trustedDocumentsOnly: false,
  organization: null,
  counted: null,
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

/** Builds a small subgraph that needs no database. */
export function createMiniService({ name, sdl, resolvers }: MiniSubgraph): Promise<SubgraphService> {
  return createSubgraphService(
    {
      name,
      sdl: link + sdl,
      resolvers,
      createModels: () => ({}),
      prepare: () => Promise.resolve(),
      createLoaders: () => ({}),
    },
    // These subgraphs touch none of them; a use would fail at once.
    {
      connection: undefined as never,
      events: undefined as never,
      secretFor: () => Buffer.alloc(32),
      log,
      now: () => new Date(0),
    },
  )
}

/** Composes small subgraphs behind the real pipeline; `connect` says how each is reached, in process unless told. */
export async function createMiniGraph(
  subgraphs: readonly MiniSubgraph[],
  options: PipelineOptions & { readonly connect?: (service: SubgraphService) => Promise<Transport> } = {},
): Promise<TestPipeline> {
  const { connect = (service) => Promise.resolve(createInProcessTransport(service)) } = options
  const services = await Promise.all(subgraphs.map(createMiniService))
  const transports = new Map<string, Transport>()
  for (const service of services) transports.set(service.name, await connect(service))
  return createTestPipeline(
    services.map(({ name, sdl }) => ({ name, sdl, url: `http://${name}.test` })),
    transports,
    options,
  )
}

/** The real pipeline over some subgraphs, with the fetches counted. */
export function createTestPipeline(
  services: readonly ComposedService[],
  transports: ReadonlyMap<string, Transport>,
  options: PipelineOptions = {},
): TestPipeline {
  const fetches: TestPipeline['fetches'] = []
  const { supergraphSdl } = composeSupergraph(services)
  const supergraph = Supergraph.build(apolloSupergraph(supergraphSdl))
  const apollo = new QueryPlanner(supergraph, { incrementalDelivery: { enableDefer: true } })
  const snapshot = createSnapshot({
    supergraphSdl,
    apiSchema: withDeferDirective(supergraph.apiSchema().toGraphQLJSSchema()),
    planner: choosePlanner(options.planner ?? 'auto', log).create(supergraphSdl, () => apollo),
    deferring: () => deferPlanner(supergraphSdl, () => apollo),
    editions: options.editions ?? new Map(),
  })
  const pipeline = createPipeline({
    transports: new Map([...transports].map(([name, transport]) => [name, counted(transport, name, fetches)])),
    limiter: options.limiter ?? createMemoryLimiter(options.nowMs ?? (() => 0)),
    alerts: options.alerts ?? { watch: () => undefined, close: () => Promise.resolve() },
    now: options.now ?? (() => new Date(0)),
    documents: { accept: () => undefined },
    callerSchema: createCallerSchemas(),
    observe: createOperationObserver(options.metrics ?? createMetrics(), null),
    usage: options.usage ?? { record: () => undefined, close: () => Promise.resolve() },
    log,
    responses: createResponseCache({ maximumBytes: options.cacheBytes ?? 0, nowMs: options.nowMs ?? (() => 0) }),
    deadlineMs: options.deadlineMs ?? 5_000,
    cursors: options.cursors ?? testCursors,
    newestEvent: options.newestEvent ?? (() => Promise.resolve(null)),
    streams: options.streams,
  })
  let requests = 0
  const toRequest = (
    query: string | DocumentNode,
    { scopes = [], variables = {}, limits = {}, appId = 'app_test', caller, signal, ...other }: RunOptions,
  ): GraphRequest => ({
    snapshot: other.snapshot ?? snapshot,
    document: typeof query === 'string' ? parse(query) : query,
    operationName: undefined,
    variables,
    identity: other.identity ?? {
      caller: caller ?? testCaller({ scopes, appId }),
      limits: { ...generousLimits, ...limits },
    },
    requestId: `test-${(requests += 1)}`,
    after: other.after,
    signal: signal ?? new AbortController().signal,
  })
  return {
    supergraphSdl,
    snapshot,
    pipeline,
    fetches,
    run: (query, run = {}) => pipeline.execute(toRequest(query, run)),
    async runInParts(query, run = {}) {
      const payloads: Payload[] = []
      const send = (payload: string): void => void payloads.push(JSON.parse(payload) as Payload)
      return (await pipeline.executeInParts(toRequest(query, run), { send })) ?? payloads
    },
    open: (query, run = {}) => pipeline.subscribe(toRequest(query, run)),
    async subscribe(query, run = {}) {
      const stream = await pipeline.subscribe(toRequest(query, run))
      return isStream(stream) ? mapFeed(createStreamFeed(stream), toAnswer) : stream
    },
  }
}

/** The cursors of small subgraphs: every installation's key but that of tests is secret. */
export const testCursors = createEventCursors(Buffer.alloc(32))

function toAnswer({ body }: StreamEvent): GraphAnswer {
  const {
    data,
    errors = [],
    extensions = {},
  } = JSON.parse(body) as {
    data: unknown
    errors?: readonly { message: string; path?: (string | number)[]; extensions: { code: ErrorCode } }[]
    extensions?: Record<string, unknown>
  }
  return new GraphAnswer({
    dataText: JSON.stringify(data),
    errors: errors.map(
      ({ message, path, extensions: { code, ...details } }) => new CodedError(code, message, details, path),
    ),
    extensions,
  })
}

function counted(transport: Transport, subgraph: string, fetches: TestPipeline['fetches']): Transport {
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
