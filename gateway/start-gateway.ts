import { type AuthServer, createAuthServer } from '../auth/auth-server.ts'
import type { Config } from '../kit/config.ts'
import { createEventCursors } from '../kit/event-cursor.ts'
import { installationSecret } from '../kit/installation-secret.ts'
import type { Logger } from '../kit/log.ts'
import { deriveSecret } from '../kit/secrets.ts'
import { productVersion } from '../kit/version.ts'
import { type DeliveryOptions, startMailDelivery } from '../mail/delivery.ts'
import { createMailer } from '../mail/mailer.ts'
import { connectStorage } from '../storage/connect.ts'
import { subgraphs } from '../subgraphs/registry.ts'
import { supergraphOf } from '../subgraphs/shipped-supergraph.ts'
import { seedDemoWorld } from '../subgraphs/seed-demo-world.ts'
import { systemQuery, systemSubscription } from './subgraphs/ask-as-gateway.ts'
import { createResponseCache } from './answers/response-cache.ts'
import { createDocumentGate } from './cost/document-gate.ts'
import { createQuotaAlerts } from './cost/quota-alerts.ts'
import { createUsageRecorder } from './cost/usage-recorder.ts'
import { createHandIns } from './hand-in-events.ts'
import { createDeprecationNotices } from './reports/deprecation-notices.ts'
import { type DemoCredentials, type DemoPerson, demoCredentials, findDemoPerson } from './demo/demo.ts'
import { createAccessTokens } from './identity/access-token.ts'
import { createClientAddress } from './identity/client-address.ts'
import { followChanges } from './identity/follow-changes.ts'
import { createIdentityChanges } from './identity/identity-changes.ts'
import { createIdentityDirectory } from './identity/identity-directory.ts'
import { createIdentityWatch } from './identity/identity-watch.ts'
import { type TokenIssuer, createIssuerTokens } from './identity/issuer-tokens.ts'
import { createRemoteIssuer } from './identity/remote-issuer.ts'
import { createPersistedDocuments } from './operation/persisted-documents.ts'
import { notingDeprecations } from './reports/noting-deprecations.ts'
import { openLimiter, openSentDocuments } from './open-shared.ts'
import { openSupergraphs } from './open-supergraphs.ts'
import { openTelemetry } from './open-telemetry.ts'
import { createPipeline } from './pipeline.ts'
import { createCallerSchemas } from './policy/caller-schema.ts'
import { choosePlanner } from './plan/choose-planner.ts'
import { readNewestEvent } from './live-streams/read-newest-event.ts'
import { withPublishedHealth } from './subgraphs/published-health.ts'
import { recordUsage } from './reports/record-usage.ts'
import { reportDeprecatedUses } from './reports/report-deprecated-uses.ts'
import { startGatewayReports } from './reports/report-gateway.ts'
import { reportQuotaThresholds } from './reports/report-quota-thresholds.ts'
import { sampleOperations } from './demo/sample-operations.ts'
import { createGraphEditions } from './editions/graph-editions.ts'
import { graphPath, serveGraph } from './serve-graph.ts'
import { createHealthReports } from './subgraphs/subgraph-health.ts'
import { createTransports, subgraphsInProcess } from './subgraphs/subgraph-transports.ts'
import { createTrustedDocuments } from './documents/trusted-documents.ts'
import { usageOfDocument, usageOfOperation } from './pipeline/usage-of-operation.ts'

export interface RunningGateway {
  /** The base URL, for example `http://localhost:4000`. */
  readonly url: string
  /** The demo apps and their keys; empty unless this installation runs the demo. */
  readonly demo: readonly DemoCredentials[]
  /** The demo's person who can sign in; null unless this installation runs the demo and an authorization server. */
  readonly person: DemoPerson | null
  /** Resolves with the reason when something that cannot be done without has ended: the process must end too. */
  readonly lost: Promise<string>
  /** Stops taking requests and closes everything that was opened, last opened first. */
  close(): Promise<void>
}

export interface GatewayOptions {
  readonly config: Config
  readonly log: Logger
  readonly now?: () => Date
  /** Told before each step that may take time. */
  readonly progress?: (step: string) => void
}

/** The longest that the fetches of one operation may take together. */
const deadlineMs = 10_000

/** Puts the gateway together from its configuration, with the subgraphs that have no URL in this process. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const opened: { close(): Promise<void> }[] = []
  const close = async (): Promise<void> => {
    for (const resource of opened.splice(0).toReversed()) await resource.close()
  }
  try {
    const running = await openAll(options, (resource) => {
      opened.push(resource)
      return resource
    })
    return { ...running, close }
  } catch (error) {
    await close()
    throw error
  }
}

type Opens = <Resource extends { close(): Promise<void> }>(resource: Resource) => Resource

async function openAll(options: GatewayOptions, opens: Opens): Promise<Omit<RunningGateway, 'close'>> {
  const { config, log, now = () => new Date(), progress = () => undefined } = options
  const secret = await installationSecret(config.TRIBUTARY_SECRET, config.DATA_DIR)
  const inProcess = subgraphsInProcess(config).length > 0
  // Someone's own database or subgraphs get no demo data and show no demo keys unless told so.
  const demo = config.DEMO ?? (inProcess && config.MONGODB_URI === undefined)

  if (inProcess) progress('Opening the database')
  const storage = inProcess ? opens(await connectStorage({ dataDir: config.DATA_DIR, ...mongodb(config) })) : null
  if (storage && demo) {
    progress('Seeding the demo data, if there is none yet')
    await seedDemoWorld({ connection: storage.connection, now, secret })
  }

  progress('Composing the graph of its subgraphs')
  let listening: string | undefined
  const telemetry = opens(await openTelemetry(config))
  const reached = opens(
    await createTransports({
      config,
      secret,
      connection: storage?.connection ?? null,
      log,
      now,
      gateway: () => listening,
    }),
  )
  const breakers = new Map(reached.breakers)
  const transports = new Map(telemetry.watch(reached.transports, breakers))
  const supergraphSdl = supergraphOf(
    subgraphs.map(({ name, sdl, port, urlSetting }) => ({
      name,
      sdl,
      url: config[urlSetting] ?? `http://localhost:${port}/graphql`,
    })),
  )
  const query = systemQuery(transports, deadlineMs)
  const { supergraphs, published } = openSupergraphs({
    config,
    secret,
    reached,
    telemetry,
    transports,
    breakers,
    query,
    now,
    log,
    deadlineMs,
    subscribe: systemSubscription(transports, 'system:schemas'),
  })
  opens(published)
  const limiter = opens(await openLimiter(config, log))
  const recorder = opens(
    createUsageRecorder({ log, now, send: (batchId, batch) => recordUsage(query, batchId, batch) }),
  )
  const notices = createDeprecationNotices({ log, nowMs, send: (uses) => reportDeprecatedUses(query, uses) })
  const usage = notingDeprecations(recorder, opens(notices))
  const alerts = opens(createQuotaAlerts({ log, send: (thresholds) => reportQuotaThresholds(query, thresholds) }))
  const documents = createDocumentGate({
    limiter,
    now,
    charged: (identity, cost, edition) => usage.record(usageOfDocument(identity, cost, edition)),
    refused: (identity, error, edition) =>
      usage.record(usageOfOperation(identity, { errors: [error] }, { edition, calls: 0, cost: 0 })),
  })
  const callerSchema = createCallerSchemas()
  const credentials = demo ? demoCredentials(secret) : []
  // Known when the server listens, which is before it can be asked for a token.
  let origin = config.AUTH_ISSUER
  const remote = config.AUTH_URL === undefined ? null : createRemoteIssuer(config.AUTH_URL)
  const auth =
    storage === null || remote !== null
      ? null
      : createAuthServer({
          connection: storage.connection,
          ask: query,
          secretFor: (purpose) => deriveSecret(secret, purpose),
          issuer: () => origin ?? '',
          graph: { shown: () => config.GRAPH_URL ?? origin ?? '', called: () => listening ?? '' },
          log,
          now,
          demo,
        })
  const issuer = remote ?? (auth && issuerInProcess(auth))
  const changes = createIdentityChanges(nowMs)
  const directory = createIdentityDirectory({
    query,
    accessTokens: createAccessTokens(deriveSecret(secret, 'access-token-signing'), now),
    issuerTokens: issuer && createIssuerTokens(issuer, { now, nowMs }),
    keyHashSecret: deriveSecret(secret, 'app-key-hash'),
    changes,
    now,
    nowMs,
  })
  const watch = opens(createIdentityWatch({ directory, changes, log, now, nowMs }))
  opens(followChanges(changes, { subscribe: systemSubscription(transports, 'system:identity'), log, nowMs }))
  const { observe } = telemetry
  const stages = { transports, limiter, alerts, documents, callerSchema, usage, observe }
  const responses = createResponseCache({ maximumBytes: config.RESPONSE_CACHE_MB * 2 ** 20, nowMs })
  const pipeline = createPipeline({
    ...stages,
    responses,
    cursors: createEventCursors(deriveSecret(secret, 'cursor')),
    newestEvent: () => readNewestEvent(query),
    log,
    now,
    deadlineMs,
  })
  telemetry.metrics.showStreams(() => pipeline.openStreams())
  telemetry.metrics.showSupergraphs(() => supergraphs.status())
  const subgraphHealth = createHealthReports(
    () =>
      withPublishedHealth(
        subgraphs.flatMap(({ name, sdl }) => {
          const probe = reached.probes.get(name)
          const version = probe?.url === null ? productVersion : null
          const calls = () => telemetry.recentCalls(name)
          const breaker = reached.breakers.get(name) ?? null
          return probe ? [{ name, publishedSdl: sdl, breaker, calls, version, ...probe }] : []
        }),
        published,
        { now, recentCalls: (name) => telemetry.recentCalls(name) },
      ),
    () => limiter.reachesShared?.() ?? null,
  )
  const { url } = opens(
    await serveGraph({
      supergraphSdl,
      planners: choosePlanner(config.PLANNER, log),
      pipeline,
      metrics: { ...telemetry.metrics, token: config.METRICS_TOKEN ?? null },
      callerSchema,
      documents,
      persisted: createPersistedDocuments({
        sent: opens(await openSentDocuments(config, log)),
        trusted: createTrustedDocuments(query, nowMs),
      }),
      directory,
      watch,
      clientOf: createClientAddress(config.TRUSTED_PROXIES?.filter((network) => network !== null) ?? []),
      auth: auth ?? (remote && { elsewhere: () => remote.issuer() }),
      subgraphNames: subgraphs.map(({ name }) => name),
      supergraphs,
      subgraphHealth,
      handIns: createHandIns({ query, limiter, signatureKey: deriveSecret(secret, 'gateway-signature'), now }),
      editions: createGraphEditions(reached.schemas, { path: graphPath, now, log }),
      isReady: () => storage === null || storage.isReachable(),
      portal: { demo: credentials[0] ?? null, samples: sampleOperations, version: productVersion },
      http: {
        front: config.HTTP_FRONT,
        compression: config.HTTP_COMPRESSION,
        origins: config.CORS_ORIGINS ?? [],
        maxConnections: config.HTTP_MAX_CONNECTIONS,
      },
      port: config.PORT,
      host: config.HOST,
      log,
    }),
  )
  origin ??= url
  listening = url
  const { GRAPH_ENVIRONMENT: environment } = config
  opens(
    startGatewayReports({ environment, query, status: () => supergraphs.status(), health: subgraphHealth, now, log }),
  )
  if (storage && auth) opens(deliverMails({ connection: storage.connection, config, secret, origin, log, now }))
  const person = demo && issuer ? await findDemoPerson(query, secret) : null
  return { url, demo: credentials, person, lost: storage?.lost ?? new Promise(() => undefined) }
}

/** Mails leave from where the links in them lead to. */
function deliverMails({
  config,
  secret,
  origin,
  ...rest
}: Omit<DeliveryOptions, 'mailer' | 'ticketKey' | 'origin'> & {
  readonly config: Config
  readonly secret: string
  readonly origin: string
}): { close(): Promise<void> } {
  const mailer = createMailer({ smtpUrl: config.SMTP_URL, from: config.MAIL_FROM, dataDir: config.DATA_DIR })
  rest.log.info({ where: mailer.where }, 'mails are sent from here')
  return startMailDelivery({
    ...rest,
    mailer,
    ticketKey: deriveSecret(secret, 'password-ticket'),
    origin: () => origin,
  })
}

function issuerInProcess(auth: AuthServer): TokenIssuer {
  return { issuer: () => auth.issuer(), keys: () => auth.keys(), revoked: () => auth.revoked() }
}

function mongodb({ MONGODB_URI }: Config): { mongodbUri?: string } {
  return MONGODB_URI === undefined ? {} : { mongodbUri: MONGODB_URI }
}

const nowMs = (): number => performance.now()
