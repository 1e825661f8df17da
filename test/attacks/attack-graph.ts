import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from 'mongoose'
import { createEventLog, prepareEventLog } from '../../events/event-log.ts'
import { credentialHeaders } from '../../gateway/identity/credentials.ts'
import { createAccessTokens } from '../../gateway/identity/access-token.ts'
import { startGateway } from '../../gateway/start-gateway.ts'
import { readConfig } from '../../kit/config.ts'
import { createLogger } from '../../kit/log.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { serveSubgraph } from '../../kit/subgraph-server.ts'
import type { SubgraphService } from '../../kit/subgraph-service.ts'
import { prepareMutations } from '../../storage/mutate.ts'
import type { Scope } from '../../schema/scopes.ts'
import { createOutside } from '../../subgraphs/create-outside.ts'
import { type DemoApp, demoAppKey, demoApps } from '../../subgraphs/demo-world/apps.ts'
import { demoOrganization } from '../../subgraphs/demo-world/organizations.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { runBackground } from '../../subgraphs/run-background.ts'
import { demoSecret as secret, openDemoDatabase } from '../storage/demo-database.ts'
import { type Answer, createWitness } from './witness.ts'

export type Headers = Readonly<Record<string, string>>

/** The seeded product with its one door open, its subgraphs behind signed HTTP, and a witness of all that it answers. */
export interface AttackGraph extends AsyncDisposable {
  readonly url: string
  /** Where each subgraph listens, by name. */
  readonly subgraphUrls: ReadonlyMap<string, string>
  readonly signatureKey: Buffer
  /** What a further gateway has to be told to be another door of the same product. */
  readonly environment: Readonly<Record<string, string>>
  readonly connection: Connection
  readonly services: ReadonlyMap<string, SubgraphService>
  /** Operations that have reached a subgraph in the name of a client. */
  fetches(): number
  /** Keeps clients' operations waiting in the subgraphs until what it answers is called. */
  hold(): () => void
  /** Headers with an app's id and key. */
  key(slug: string): Headers
  /** Headers with a token of an app, which may have fewer scopes than the app. */
  token(slug: string, scopes?: readonly string[]): Promise<Headers>
  ask(as: Headers, query: string, variables?: Readonly<Record<string, unknown>>): Promise<Answer>
  /** Any request at all; `path` is `/graphql` by default. */
  send(request: RequestInit, path?: string): Promise<Answer>
  /** What an answer must never tell, of all that were given until now. */
  readonly leaks: readonly string[]
  /** Looks at what came another way than by `send`. */
  readonly look: (text: string) => void
  /** Resolves when all reactions to what was done are done. */
  settled(): Promise<void>
}

const now = () => new Date()
const secretFor = (purpose: Parameters<typeof deriveSecret>[1]) => deriveSecret(secret, purpose)

type PlanChange = Partial<Readonly<Record<keyof typeof noLimits, number | boolean | null>>>

const noLimits = {
  bucketSize: 1e9,
  restoreRate: 1e9,
  maxQueryCost: 1e9,
  monthlyCalls: null,
  openStreams: null,
  concurrentRequests: null,
  readOnly: false,
}

/** Starts it; with lifted limits the plans of the demo allow everything, so that attacks are refused for what they are. */
export async function startAttackGraph(options: {
  readonly limits: 'lifted' | 'as sold' | PlanChange
  /** Scopes that apps have besides those of the demo, by their slugs. */
  readonly granted?: Readonly<Record<string, readonly Scope[]>>
}): Promise<AttackGraph> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-attacks-'))
  const database = await openDemoDatabase()
  const connection = await database.connect()
  const log = createLogger('test', 'silent')
  if (options.limits !== 'as sold') {
    const change = options.limits === 'lifted' ? noLimits : { ...noLimits, ...options.limits }
    const limits = Object.fromEntries(Object.entries(change).map(([name, value]) => [`limits.${name}`, value]))
    await connection.collection('billing_app_limits').updateMany({}, { $set: limits })
  }
  for (const [slug, more] of Object.entries(options.granted ?? {})) await grant(connection, appOf(slug), more)
  await prepareEventLog(connection)
  await prepareMutations(connection)
  const eventLog = createEventLog(connection, { log, now })
  const signatureKey = deriveSecret(secret, 'gateway-signature')
  let door: string | undefined
  const outside = createOutside({ config: readConfig({ TRIBUTARY_SECRET: secret }), secret, gateway: () => door, now })
  let fetches = 0
  let held: Promise<void> | undefined
  const services = new Map<string, SubgraphService>()
  const servers = new Map<string, Awaited<ReturnType<typeof serveSubgraph>>>()
  for (const subgraph of subgraphs) {
    const events = eventLog.forSource(subgraph.name)
    const service = await subgraph.createService({ connection, events, log, now, secretFor, outside })
    const counted: SubgraphService = {
      ...service,
      async execute(request) {
        if (request.caller.appId !== 'system') {
          fetches += 1
          await held
        }
        return service.execute(request)
      },
      subscribe(request) {
        if (request.caller.appId !== 'system') fetches += 1
        return service.subscribe(request)
      },
    }
    services.set(subgraph.name, service)
    const where = { port: 0, host: '127.0.0.1' }
    servers.set(subgraph.name, await serveSubgraph({ service: counted, signatureKey, log, now, ...where }))
  }
  const background = runBackground([...services.values()], { connection, eventLog, log, now })
  const urls = subgraphs.map(({ name, urlSetting }) => [urlSetting, servers.get(name)?.url ?? ''] as const)
  const environment = { ...Object.fromEntries(urls), TRIBUTARY_SECRET: secret }
  const gateway = await startGateway({
    config: readConfig({ ...environment, PORT: '0', DATA_DIR: dataDir }),
    log,
    now,
  })
  door = gateway.url
  const tokens = createAccessTokens(deriveSecret(secret, 'access-token-signing'), now)
  const witness = createWitness(gateway.url)
  return {
    ...witness,
    url: gateway.url,
    subgraphUrls: new Map([...servers].map(([name, { url }]) => [name, url])),
    signatureKey,
    environment,
    connection,
    services,
    fetches: () => fetches,
    hold() {
      const releases: (() => void)[] = []
      held = new Promise((resolve) => releases.push(resolve))
      return () => releases[0]?.()
    },
    settled: () => background.settled(),
    key: (slug) => ({
      [credentialHeaders.appId]: appOf(slug).id,
      [credentialHeaders.key]: demoAppKey(secret, slug),
    }),
    async token(slug, scopes = appOf(slug).scopes) {
      const claims = { appId: appOf(slug).id, scopes, tokenId: randomUUID(), endUserId: null }
      return { authorization: `Bearer ${await tokens.issue(claims)}` }
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await background.close()
      await outside.close()
      for (const server of servers.values()) await server.close()
      await eventLog.close()
      await database[Symbol.asyncDispose]()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function appOf(slug: string): DemoApp {
  const app = demoApps.find((candidate) => candidate.slug === slug)
  if (app === undefined) throw new Error(`no demo app ${slug}`)
  return app
}

/** As the operator lets an organization's apps have scopes that others' have not. */
async function grant(connection: Connection, app: DemoApp, more: readonly Scope[]): Promise<void> {
  const scopes = [...app.scopes, ...more].toSorted()
  await connection.collection<{ _id: string }>('partner_apps').updateOne({ _id: app.id }, { $set: { scopes } })
  const organizations = connection.collection<{ _id: string }>('partner_organizations')
  await organizations.updateOne({ _id: demoOrganization(app.organization).id }, { $set: { allowedScopes: scopes } })
}
