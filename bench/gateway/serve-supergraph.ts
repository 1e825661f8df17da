import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { GraphQLSchema, buildASTSchema, parse, valueFromASTUntyped } from 'graphql'
import { createResponseCache } from '../../gateway/answers/response-cache.ts'
import { createDocumentGate } from '../../gateway/cost/document-gate.ts'
import { createMemoryLimiter } from '../../gateway/cost/memory-limiter.ts'
import { createUsageRecorder } from '../../gateway/cost/usage-recorder.ts'
import { createAccessTokens } from '../../gateway/identity/access-token.ts'
import { createIdentityChanges } from '../../gateway/identity/identity-changes.ts'
import { createIdentityDirectory } from '../../gateway/identity/identity-directory.ts'
import { createIdentityWatch } from '../../gateway/identity/identity-watch.ts'
import { openTelemetry } from '../../gateway/open-telemetry.ts'
import { createPersistedDocuments, createSentDocuments } from '../../gateway/operation/persisted-documents.ts'
import { createPipeline } from '../../gateway/pipeline.ts'
import { choosePlanner } from '../../gateway/plan/choose-planner.ts'
import { createCallerSchemas } from '../../gateway/policy/caller-schema.ts'
import { serveGraph } from '../../gateway/serve-graph.ts'
import { createCircuitBreaker } from '../../gateway/transport/circuit-breaker.ts'
import { createRemoteTransport } from '../../gateway/transport/remote-transport.ts'
import { readConfig } from '../../kit/config.ts'
import { createLogger } from '../../kit/log.ts'
import { appIdentity, appLimits } from '../callers/made-up-app.ts'

/** Lists of the public benchmark are unbounded and six deep: estimated as the specification says, they are dear. */
const soMuch = 1e15
const limits = {
  ...appLimits,
  bucketSize: soMuch,
  restoreRate: soMuch,
  maxQueryCost: soMuch,
  endUserBucketSize: soMuch,
  endUserRestoreRate: soMuch,
  organization: { ...appLimits.organization, bucketSize: soMuch, restoreRate: soMuch },
}

const now = (): Date => new Date()
const nowMs = (): number => performance.now()

/**
 * The whole gateway with all of its stages before any supergraph whose subgraphs are reached over HTTP: identity of a
 * made-up app with a limit of every kind, policy, cost, usage, signatures. Only who the app is needs no subgraph.
 *
 *   PORT=4000 SUPERGRAPH=supergraph.graphql node --import tsx bench/gateway/serve-supergraph.ts
 *
 * Callers send the headers `x-tributary-app: app_bench` and `x-tributary-key` of `benchKey`. Settings of the gateway
 * (PLANNER, SHARE_FETCHES, HTTP_FRONT, HTTP_COMPRESSION) are read from the environment as always.
 */
async function main(): Promise<void> {
  const { SUPERGRAPH: file = '' } = process.env
  const config = readConfig()
  const supergraphSdl = await readFile(file, 'utf8')
  const log = createLogger('bench', config.LOG_LEVEL)
  const signatureKey = randomBytes(32)
  const telemetry = await openTelemetry(config)
  const remote = new Map(
    [...subgraphUrls(supergraphSdl)].map(([name, url]) => [
      name,
      createRemoteTransport({ name, url, signatureKey, now, config, breaker: createCircuitBreaker({ nowMs }) }),
    ]),
  )
  const transports = telemetry.watch(remote, new Map())
  const limiter = createMemoryLimiter(nowMs)
  const usage = createUsageRecorder({ log, now, send: () => Promise.resolve() })
  const documents = createDocumentGate({ limiter, now, charged: () => undefined, refused: () => undefined })
  const callerSchema = createCallerSchemas()
  const changes = createIdentityChanges(nowMs)
  changes.follow(() => 0)
  const directory = createIdentityDirectory({
    query: (subgraph) => Promise.resolve({ data: subgraph === 'partner' ? { appIdentity } : { appLimits: limits } }),
    accessTokens: createAccessTokens(randomBytes(32), now),
    issuerTokens: null,
    keyHashSecret: randomBytes(32),
    changes,
    now,
    nowMs,
  })
  const alerts = { watch: () => undefined, close: () => Promise.resolve() }
  const { url } = await serveGraph({
    supergraphSdl,
    planners: choosePlanner(config.PLANNER, log),
    pipeline: createPipeline({
      transports,
      limiter,
      alerts,
      documents,
      callerSchema,
      usage,
      observe: telemetry.observe,
      responses: createResponseCache({ maximumBytes: 0, nowMs }),
      cursors: null,
      newestEvent: () => Promise.resolve(null),
      log,
      now,
      deadlineMs: 10_000,
    }),
    callerSchema,
    documents,
    persisted: createPersistedDocuments({ sent: createSentDocuments(), trusted: () => Promise.resolve(null) }),
    directory,
    watch: createIdentityWatch({ directory, changes, log, now, nowMs }),
    clientOf: () => 'bench',
    auth: null,
    metrics: { ...telemetry.metrics, token: null },
    subgraphNames: [...transports.keys()],
    isReady: () => true,
    portal: { demo: null, samples: [], version: 'bench' },
    http: {
      front: config.HTTP_FRONT,
      compression: config.HTTP_COMPRESSION,
      origins: [],
      maxConnections: config.HTTP_MAX_CONNECTIONS,
    },
    port: config.PORT,
    host: config.HOST,
    log,
  })
  process.once('SIGTERM', () => process.exit())
  process.stdout.write(`${url}\n`)
}

/** The subgraphs of a supergraph: their names in it and their routing URLs. */
function subgraphUrls(supergraphSdl: string): ReadonlyMap<string, string> {
  const schema: GraphQLSchema = buildASTSchema(parse(supergraphSdl), { assumeValidSDL: true })
  const graphs = schema.getType('join__Graph')
  const found = new Map<string, string>()
  const values = graphs?.astNode && 'values' in graphs.astNode ? (graphs.astNode.values ?? []) : []
  for (const { directives = [] } of values) {
    const args = new Map(directives[0]?.arguments?.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]))
    found.set(String(args.get('name')), String(args.get('url')))
  }
  return found
}

await main()
