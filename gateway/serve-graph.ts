import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { v7 } from 'uuid'
import { noContracts } from '../kit/contracts.ts'
import type { Logger } from '../kit/log.ts'
import { answerHeaders } from './serve/answer-headers.ts'
import type { DocumentGate } from './cost/document-gate.ts'
import { rateLimitHeaders } from './cost/rate-limit-headers.ts'
import { createEditions } from './editions/editions.ts'
import type { GraphEditions } from './editions/graph-editions.ts'
import { type GraphDoor, type WholeDoor, serveEditions } from './serve/serve-editions.ts'
import { describeSchema } from './serve/describe-schema.ts'
import type { GraphAnswer } from './pipeline/graph-answer.ts'
import { type AuthFront, serveAuth } from './http/auth-routes.ts'
import { type ApolloContext, serveApollo, withStatus } from './http/apollo-front.ts'
import { createCrossOrigin } from './http/cross-origin.ts'
import { type FrontAnswer, createGraphFront } from './http/graph-front.ts'
import { type HandInOptions, serveHandIns } from './http/hand-in-route.ts'
import { serveHealth } from './http/health-route.ts'
import { paramsOfSearch } from './http/graph-params.ts'
import { createHttpServer } from './http/http-server.ts'
import { serveMetrics } from './http/metrics-route.ts'
import { acceptsParts } from './http/parted-response.ts'
import { type DemoCaller, type SampleOperation, servePortal } from './http/portal-routes.ts'
import { serveSchema } from './http/schema-route.ts'
import type { ClientAddress } from './identity/client-address.ts'
import { credentialsFromHeaders, credentialsFromInit } from './identity/credentials.ts'
import type { IdentityDirectory } from './identity/identity-directory.ts'
import type { IdentityWatch } from './identity/identity-watch.ts'
import { createBusyShare, createTurns } from './http/turns.ts'
import { createDocumentStore } from './operation/document-store.ts'
import type { PersistedDocuments } from './operation/persisted-documents.ts'
import type { Pipeline } from './pipeline.ts'
import type { PlannerFactory } from './plan/choose-planner.ts'
import { TributaryGateway } from './plan/tributary-gateway.ts'
import type { CallerSchemas } from './policy/caller-schema.ts'
import type { Identity } from './request.ts'
import type { SupergraphFollowing } from './supergraph/follow-supergraph.ts'
import { type MultipartStreams, createMultipartStreams } from './streams/multipart.ts'
import { serveEventStreams } from './streams/sse.ts'
import { createStreamRunner } from './streams/stream-operation.ts'
import { serveWebSocket } from './streams/websocket.ts'
import { createWarming } from './serve/warm-snapshot.ts'

export interface GraphServerOptions {
  readonly supergraphSdl: string
  readonly planners: PlannerFactory
  readonly pipeline: Pipeline
  readonly callerSchema: CallerSchemas
  readonly directory: IdentityDirectory
  /** Tells streams what becomes of their callers. */
  readonly watch: IdentityWatch
  /** The address that failed credentials are counted by. */
  readonly clientOf: ClientAddress
  readonly documents: DocumentGate
  readonly persisted: PersistedDocuments
  /** The authorization server; null where there is none. */
  readonly auth: AuthFront | null
  readonly subgraphNames: readonly string[]
  /** Contracts and dated versions of the graph; left out where there are none. */
  readonly editions?: GraphEditions | undefined
  /** Follows supergraphs that are published; without it the first one stays. */
  readonly supergraphs?: SupergraphFollowing | undefined
  /** Takes events of published subgraphs; left out where none are. */
  readonly handIns?: HandInOptions
  /** Looks at every subgraph and tells how it is; left out where nobody watches them. */
  readonly subgraphHealth?: () => Promise<object>
  readonly metrics: {
    /** Opens the metrics and nothing else; null when only operators' apps may read them. */
    readonly token: string | null
    readonly contentType: string
    text(): Promise<string>
  }
  /** Whether what the gateway stands on can be reached now. */
  readonly isReady: () => boolean
  readonly portal: {
    readonly demo: DemoCaller | null
    readonly samples: readonly SampleOperation[]
    readonly version: string
  }
  readonly http: HttpSettings
  readonly port: number
  readonly host: string
  readonly log: Logger
}

/** How the graph is served over HTTP. */
export interface HttpSettings {
  /** What answers the graph's path: the hot path of our own, or ApolloServer. */
  readonly front: 'tributary' | 'apollo'
  readonly compression: boolean
  /** Origins whose pages may call the graph. */
  readonly origins: readonly string[]
  readonly maxConnections: number
}

/** Where the graph is. */
export const graphPath = '/graphql'
const streamPath = '/graphql/stream'
const schemaPath = '/graphql/schema.graphql'

/** Opens the one door: GraphQL over HTTP, WebSocket and SSE, the page and health, on one port. */
export async function serveGraph(options: GraphServerOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { pipeline, directory, watch, clientOf, log } = options
  const byRequest = (request: IncomingMessage) =>
    directory.identify(credentialsFromHeaders(request.headers), () => clientOf(request))
  const gateway = new TributaryGateway({
    supergraphSdl: options.supergraphSdl,
    planners: options.planners,
    editions: (await options.editions?.sdlsOf(options.supergraphSdl)) ?? new Map(),
    onSnapshot: (snapshot) => pipeline.adopt(snapshot),
    log,
    async execute({ schema, document, operationName, request, context }) {
      // ApolloServer hands the context of `serveApollo` through untyped.
      const { identity, requestId, signal, arrival, setHeaders } = context as ApolloContext
      const snapshot = gateway.snapshotOf(schema)
      const variables = request.variables ?? {}
      const answer = await pipeline.execute({
        snapshot,
        document,
        operationName: operationName ?? undefined,
        variables,
        identity,
        requestId,
        arrival,
        signal,
      })
      const { data, errors, extensions } = answer
      setHeaders(answerHeaders(answer))
      if (data === undefined) return { errors: errors.map(withStatus), extensions }
      return { data, extensions, ...(errors.length > 0 ? { errors } : {}) }
    },
  })
  const documents = createDocumentStore()
  const turns = createTurns(createBusyShare(), () => performance.now())
  const warm = createWarming({ documents, carryOver: pipeline.carryOver, log })
  const watchRequest = (request: IncomingMessage) =>
    watch.watch(credentialsFromHeaders(request.headers), () => clientOf(request))
  const whole: WholeDoor = {
    edition: null,
    snapshot: () => gateway.current,
    identify: byRequest,
    watch: watchRequest,
  }
  const runOf = ({ snapshot, edition }: GraphDoor) =>
    createStreamRunner({
      snapshot,
      admit: (identity, text) => options.documents.admit(identity, text, edition),
      documentOf: ({ apiSchema }, text) => documents.documentOf(apiSchema, text),
      textOf: async (identity, params) => (await options.persisted.find(identity, params)).text,
      execute: (operation) => turns.run(() => pipeline.execute({ ...operation, requestId: v7() })),
      subscribe: (operation) => pipeline.subscribe({ ...operation, requestId: v7() }),
    })
  const run = runOf(whole)
  const multipart = createMultipartStreams({ watch: watchRequest, run })
  const inParts = ({ method, headers }: IncomingMessage) =>
    method === 'POST' && (multipart.accepts(headers.accept) || acceptsParts(headers.accept))

  const { front, compression, origins, maxConnections } = options.http
  const crossOrigin = createCrossOrigin(origins)
  const frontOf = ({ snapshot, identify, edition }: GraphDoor, streams: MultipartStreams) =>
    createGraphFront({
      snapshot,
      identify,
      admit: (identity, text) => options.documents.admit(identity, text, edition),
      execute: async (operation) => frontAnswer(await pipeline.execute(operation)),
      executeInParts: async (operation, send) => {
        const answer = await pipeline.executeInParts(operation, {
          send: (payload, limits) => send(payload, () => rateLimitHeaders(limits)),
        })
        return answer && frontAnswer(answer)
      },
      streams,
      persisted: options.persisted,
      documents,
      crossOrigin,
      compression,
      turns,
      log,
    })
  const app = createHttpServer({
    log,
    // ApolloServer knows no subscriptions in parts, and has answers to what is deferred whole.
    direct: {
      path: graphPath,
      handle: frontOf(whole, multipart),
      takes: front === 'tributary' ? undefined : inParts,
      below: (request, response) => editionFronts.handle(request, response),
    },
    maxConnections,
    crossOrigin: { below: graphPath, rules: crossOrigin },
  })
  const stopGraph = await startGraph()
  const eventStreams = serveEventStreams(app, { path: streamPath, watch: watchRequest, run, paramsOfSearch })
  const describe = ({ snapshot }: GraphDoor, identity: Identity, request: { readonly requestId: string }) =>
    describeSchema({ ...options, snapshot }, identity, request)
  serveSchema(app, {
    path: schemaPath,
    identify: byRequest,
    describe: (identity, request) => describe(whole, identity, request),
  })
  const windows = options.editions?.windows ?? createEditions({ ...noContracts, path: graphPath }, () => new Date())
  const editionFronts = serveEditions(app, {
    path: graphPath,
    editions: windows,
    whole,
    run: runOf,
    front: frontOf,
    describe,
    paramsOfSearch,
  })
  if (options.auth) await serveAuth(app, options.auth)
  if (options.handIns) serveHandIns(app, options.handIns)
  const operatorDoor = { token: options.metrics.token, identify: byRequest }
  serveMetrics(app, { ...options.metrics, ...operatorDoor })
  serveHealth(app, {
    ...operatorDoor,
    subgraphs: options.subgraphNames,
    isReady: options.isReady,
    supergraph: () => options.supergraphs?.status() ?? {},
    report: options.subgraphHealth ?? null,
  })
  await servePortal(app, {
    ...options.portal,
    editions: () => windows.openNow().filter(({ name }) => gateway.current.hasEdition(name)),
  })
  const webSocket = serveWebSocket(app.server, {
    path: graphPath,
    doorOf: (request) => {
      // Kept for as long as the socket, which the request need not be.
      const client = clientOf(request)
      return {
        identify: (payload) => directory.identify(credentialsFromInit(payload), () => client),
        watch: (payload) => watch.watch(credentialsFromInit(payload), () => client),
      }
    },
    run,
    runAt: (url) => editionFronts.socketTo(url),
    log,
  })
  const close = async (): Promise<void> => {
    await pipeline.closeStreams()
    await options.supergraphs?.close()
    await Promise.all([webSocket, eventStreams, multipart, editionFronts].map((streams) => streams.close()))
    await app.close()
    turns.close()
    await stopGraph()
  }
  /** ApolloServer loads the gateway when it starts; without it that is done here. */
  async function startGraph(): Promise<() => Promise<void>> {
    if (front === 'apollo') {
      const apollo = await serveApollo(app, {
        path: graphPath,
        gateway,
        identify: byRequest,
        admit: (identity, text) => options.documents.admit(identity, text),
        persisted: options.persisted,
        log,
      })
      return () => apollo.stop()
    }
    await gateway.load()
    return () => gateway.stop()
  }
  try {
    await options.supergraphs?.follow({
      async prepare(next) {
        const editions = await options.editions?.sdlsOf(next.supergraphSdl)
        const prepared = await gateway.prepare(editions ? { ...next, editions } : next)
        await warm(gateway.current, prepared.snapshot)
        return prepared
      },
      swap: (prepared) => gateway.swap(prepared),
    })
    await app.listen({ port: options.port, host: options.host })
  } catch (error) {
    await close()
    throw error
  }
  const { port, address } = app.server.address() as AddressInfo
  const anyAddress = address === '0.0.0.0' || address === '::'
  return { url: `http://${anyAddress || address === '127.0.0.1' ? 'localhost' : address}:${port}`, close }
}

function frontAnswer(answer: GraphAnswer): FrontAnswer {
  const { body, dataText, errors, caching } = answer
  return { body, dataText, errors, limitHeaders: answerHeaders(answer), caching }
}
