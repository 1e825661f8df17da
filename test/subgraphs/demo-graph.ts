import type { Connection, mongo } from 'mongoose'
import { createEventLog, prepareEventLog } from '../../events/event-log.ts'
import { type Caller, createCaller } from '../../kit/caller.ts'
import { seededId } from '../../kit/ids.ts'
import { createLogger } from '../../kit/log.ts'
import { type SecretPurpose, deriveSecret } from '../../kit/secrets.ts'
import type { SubgraphResult, SubgraphService } from '../../kit/subgraph-service.ts'
import { prepareMutations } from '../../storage/mutate.ts'
import { tierScopes } from '../../schema/scopes.ts'
import { demoApps } from '../../subgraphs/demo-world/apps.ts'
import { demoOrganization } from '../../subgraphs/demo-world/organizations.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { openTestDatabase } from '../storage/test-database.ts'
import { scansOf } from './scans-of.ts'

/** The demo seeded into a database of its own, with some of its subgraphs and without a gateway. */
export interface DemoGraph extends AsyncDisposable {
  readonly connection: Connection
  readonly secret: string
  readonly now: () => Date
  readonly services: ReadonlyMap<string, SubgraphService>
  readonly run: (subgraph: string, query: string, options: RunOptions) => Promise<SubgraphResult>
  /** The commands that reach the database while `work` runs, as `find partner_apps`, in order. */
  readonly commandsOf: (work: () => Promise<unknown>) => Promise<string[]>
  /** The reads of `work` for which the database has no index. */
  readonly scansOf: (work: () => Promise<unknown>) => Promise<string[]>
}

interface RunOptions {
  readonly as: Caller
  readonly variables?: Readonly<Record<string, unknown>>
}

/** Mid-month and mid-morning on a working day, so that usage and open invoices are there to be read. */
export const demoNow = new Date('2026-11-18T10:20:30.000Z')

const now = () => demoNow

/** Starts the named subgraphs on a seeded database; disposing of it ends the database and deletes its files. */
export async function startDemoGraph(names: readonly string[]): Promise<DemoGraph> {
  const database = await openTestDatabase()
  const connection = await database.connect({ monitorCommands: true })
  const secret = 'a secret for tests, of at least 32 characters'
  const secretFor = (purpose: SecretPurpose): Buffer => deriveSecret(secret, purpose)
  const log = createLogger('test', 'error')
  await prepareEventLog(connection)
  await prepareMutations(connection)
  const eventLog = createEventLog(connection, { log, now })
  const services = new Map<string, SubgraphService>()
  for (const subgraph of subgraphs.filter(({ name }) => names.includes(name))) {
    const events = eventLog.forSource(subgraph.name)
    services.set(subgraph.name, await subgraph.createService({ connection, events, log, now, secretFor }))
    await subgraph.seed({ connection, now, secret })
  }
  return {
    connection,
    secret,
    now,
    services,
    async run(name, query, { as, variables }) {
      const service = services.get(name)
      if (!service) throw new Error(`the subgraph ${name} was not started`)
      return service.execute({ query, variables, caller: as, requestId: 'test' })
    },
    async commandsOf(work) {
      const commands: string[] = []
      const note = ({ commandName, command }: mongo.CommandStartedEvent) =>
        commands.push(`${commandName} ${String(command['collection'] ?? command[commandName])}`)
      const client = connection.getClient()
      client.on('commandStarted', note)
      await work()
      client.off('commandStarted', note)
      return commands
    },
    scansOf: (work) => scansOf(connection, work),
    async [Symbol.asyncDispose]() {
      await eventLog.close()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** The caller that a gateway would make of a demo app. */
export function demoCaller(slug: string, fields: Partial<Caller> = {}): Caller {
  const app = demoApps.find((candidate) => candidate.slug === slug)
  if (!app) throw new Error(`no demo app ${slug}`)
  const organization = demoOrganization(app.organization)
  return createCaller({
    appId: app.id,
    appName: app.name,
    organizationId: organization.id,
    environment: 'sandbox',
    planId: seededId('Plan', app.plan),
    scopes: [...app.scopes, ...(organization.tier === 'gold' ? Object.keys(tierScopes) : [])],
    operator: organization.operator,
    credentialId: seededId('AppCredential', slug),
    ...fields,
  })
}
