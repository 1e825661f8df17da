import type { AddressInfo } from 'node:net'
import { v7 } from 'uuid'
import type { Logger } from '../kit/log.ts'
import type { DocumentGate } from './cost/document-gate.ts'
import { describeSchema } from './describe-schema.ts'
import { type AuthFront, serveAuth } from './http/auth-routes.ts'
import { rateLimitHeaders } from './cost/rate-limit-headers.ts'
import { type ApolloContext, serveApollo, withStatus } from './http/apollo-front.ts'
import { serveHealth } from './http/health-route.ts'
import { createHttpServer } from './http/http-server.ts'
import { type DemoCaller, type SampleOperation, servePortal } from './http/portal-routes.ts'
import { serveSchema } from './http/schema-route.ts'
import { type Credentials, credentialsFromHeaders, credentialsFromInit } from './identity/credentials.ts'
import type { IdentityDirectory } from './identity/identity-directory.ts'
import type { Pipeline } from './pipeline.ts'
import { TributaryGateway } from './plan/tributary-gateway.ts'
import type { CallerSchemas } from './policy/caller-schema.ts'
import { serveEventStreams } from './streams/sse.ts'
import { type StreamOperation, createStreamRunner } from './streams/stream-operation.ts'
import { serveWebSocket } from './streams/websocket.ts'

export interface GraphServerOptions {
  readonly supergraphSdl: string
  readonly pipeline: Pipeline
  readonly callerSchema: CallerSchemas
  readonly directory: IdentityDirectory
  readonly documents: DocumentGate
  /** The authorization server; null where there is none. */
  readonly auth: AuthFront | null
  readonly subgraphNames: readonly string[]
  /** Whether what the gateway stands on can be reached now. */
  readonly isReady: () => boolean
  readonly portal: {
    readonly demo: DemoCaller | null
    readonly samples: readonly SampleOperation[]
    readonly version: string
  }
  readonly port: number
  readonly host: string
  readonly log: Logger
}

const graphPath = '/graphql'
const streamPath = '/graphql/stream'
const schemaPath = '/graphql/schema.graphql'

/** Opens the one door: GraphQL over HTTP, WebSocket and SSE, the page and health, on one port. */
export async function serveGraph(options: GraphServerOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { pipeline, directory, log } = options
  const identify = (credentials: Credentials | null) => directory.identify(credentials)
  const gateway = new TributaryGateway({
    supergraphSdl: options.supergraphSdl,
    log,
    async execute({ schema, document, operationName, request, context }) {
      // ApolloServer hands the context of `serveApollo` through untyped.
      const { identity, requestId, signal, setHeaders } = context as ApolloContext
      const snapshot = gateway.snapshotOf(schema)
      const variables = request.variables ?? {}
      const {
        data,
        errors,
        extensions,
        limits,
      } = await pipeline.execute({
        snapshot,
        document,
        operationName: operationName ?? undefined,
        variables,
        identity,
        requestId,
        signal,
      })
      setHeaders(rateLimitHeaders(limits))
      if (data === undefined) return { errors: errors.map(withStatus), extensions }
      return { data, extensions, ...(errors.length > 0 ? { errors } : {}) }
    },
  })
  const toRequest = ({ schema, ...operation }: StreamOperation) => ({
    ...operation,
    snapshot: gateway.snapshotOf(schema),
    requestId: v7(),
  })
  const run = createStreamRunner({
    schema: () => gateway.current.apiSchema,
    admit: (identity, text) => options.documents.admit(identity, text),
    execute: (operation) => pipeline.execute(toRequest(operation)),
    subscribe: (operation) => pipeline.subscribe(toRequest(operation)),
  })

  const app = createHttpServer({ log })
  const apollo = await serveApollo(app, {
    path: graphPath,
    gateway,
    identify: (headers) => identify(credentialsFromHeaders(headers)),
    admit: (identity, text) => options.documents.admit(identity, text),
    log,
  })
  serveEventStreams(app, {
    path: streamPath,
    identify: (headers) => identify(credentialsFromHeaders(headers)),
    run,
    log,
  })
  serveSchema(app, {
    path: schemaPath,
    identify: (headers) => identify(credentialsFromHeaders(headers)),
    describe: (identity, request) => describeSchema({ ...options, snapshot: () => gateway.current }, identity, request),
  })
  if (options.auth) await serveAuth(app, options.auth)
  serveHealth(app, { subgraphs: options.subgraphNames, isReady: options.isReady })
  await servePortal(app, options.portal)
  const webSocket = serveWebSocket(app.server, {
    path: graphPath,
    identify: (payload) => identify(credentialsFromInit(payload)),
    run,
    log,
  })
  const close = async (): Promise<void> => {
    await webSocket.close()
    await app.close()
    await apollo.stop()
  }
  try {
    await app.listen({ port: options.port, host: options.host })
  } catch (error) {
    await close()
    throw error
  }
  const { port, address } = app.server.address() as AddressInfo
  const anyAddress = address === '0.0.0.0' || address === '::'
  return { url: `http://${anyAddress || address === '127.0.0.1' ? 'localhost' : address}:${port}`, close }
}
