import type { Connection } from 'mongoose'
import { readRelayState } from '../../events/collections.ts'
import { createEventLog } from '../../events/event-log.ts'
import type { GraphAsker } from '../../kit/ask-graph.ts'
import type { Caller } from '../../kit/caller.ts'
import { createNetworkRules, parseNetworks } from '../../kit/egress/network-rules.ts'
import { createSafePost } from '../../kit/egress/safe-post.ts'
import type { NewEvent } from '../../kit/events.ts'
import { createLogger } from '../../kit/log.ts'
import { deriveSecret } from '../../kit/secrets.ts'
import { demoApps } from '../../subgraphs/demo-world/apps.ts'
import { demoOrganization } from '../../subgraphs/demo-world/organizations.ts'
import { createPartnerModels } from '../../subgraphs/partner/models.ts'
import { seedPartner } from '../../subgraphs/partner/seed.ts'
import { partnerSubgraph } from '../../subgraphs/partner/subgraph.ts'
import { attemptDelivery } from '../../subgraphs/partner/webhooks/delivery/attempt.ts'
import {
  type DeliveryWorker,
  type DeliveryWorkerOptions,
  startDeliveries,
} from '../../subgraphs/partner/webhooks/delivery/worker.ts'
import { type SubgraphUnderTest, callerOf, startSubgraph, testSecret } from '../subgraphs/subgraph-under-test.ts'

/** What a receiver on this machine lies in. */
export const localNetworks = createNetworkRules(parseNetworks('127.0.0.1/32'))
/** A partner of the demo and its app that may read deals and stock. */
const app = demoApps.find(({ slug }) => slug.endsWith('-portal') && slug !== 'meridian-portal')

export interface WorkerOptions extends DeliveryWorkerOptions {
  readonly graph?: GraphAsker
  readonly timeoutMs?: number
  readonly turnMs?: number
  readonly delaysMs?: readonly number[]
  readonly random?: () => number
}

export interface Endpoint {
  readonly id: string
  readonly secret: string
}

export interface WebhookWorld extends AsyncDisposable {
  readonly graph: SubgraphUnderTest
  /** Of the database, for workers in processes of their own. */
  readonly uri: string
  readonly caller: Caller
  readonly appId: string
  /** Calls a mutation of the partner subgraph that must not be refused. */
  mutate<Payload>(name: string, input: object, fields: string, caller?: Caller): Promise<Payload>
  createEndpoint(input: object, caller?: Caller): Promise<Endpoint>
  deleteEndpoints(): Promise<void>
  /** Records events in one transaction, and resolves when they are in the log. */
  append(...events: readonly (Partial<NewEvent> & { type: string })[]): Promise<void>
  worker(options?: WorkerOptions): DeliveryWorker
}

/** No selection is answered. */
export const noGraph: GraphAsker = { askAs: () => Promise.reject(new Error('no selection was expected')) }

/** The partner subgraph with its deliveries, on a database, a clock and receivers of the test's own. */
export async function startWebhookWorld({ graph: asker = noGraph }: { readonly graph?: GraphAsker } = {}) {
  if (app === undefined) throw new Error('the demo has no portal app')
  const outside = { graph: asker, networks: localNetworks }
  const graph = await startSubgraph(
    partnerSubgraph,
    (connection, options) => seedPartner(connection, { ...options, secret: testSecret }),
    outside,
  )
  const { connection } = graph
  const log = createLogger('test', 'error')
  const eventLog = createEventLog(connection, { log, now: () => graph.now() })
  const organizationId = demoOrganization(app.organization).id
  const caller = callerOf('test', { organizationId, appId: app.id })
  const closables: { close(): Promise<void> }[] = []

  const world: WebhookWorld = {
    graph,
    uri: graph.uri,
    caller,
    appId: app.id,
    async mutate<Payload>(name: string, input: object, fields: string, by = caller) {
      const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
      const { data, errors } = await graph.execute<{ payload: Payload }>(
        by,
        `mutation ($input: ${type}!) { payload: ${name}(input: $input) { ${fields} userErrors { code field message } } }`,
        { input },
      )
      if (errors) throw new Error(JSON.stringify(errors))
      return data.payload
    },
    async createEndpoint(input, by = caller) {
      const made = await world.mutate<{
        secret: string
        webhookEndpoint: { id: string } | null
        userErrors: unknown[]
      }>('createWebhookEndpoint', input, 'secret webhookEndpoint { id }', by)
      if (made.webhookEndpoint === null) throw new Error(JSON.stringify(made.userErrors))
      return { id: made.webhookEndpoint.id, secret: made.secret }
    },
    async deleteEndpoints() {
      const { data } = await graph.execute<{ webhookEndpoints: { nodes: { id: string }[] } }>(
        caller,
        '{ webhookEndpoints(first: 250) { nodes { id } } }',
      )
      for (const { id } of data.webhookEndpoints.nodes) await world.mutate('deleteWebhookEndpoint', { id }, 'deletedId')
    },
    async append(...events) {
      const before = (await readRelayState(connection)).position
      const rows = events.map((event) => ({ subject: 'deal_1', audience: [organizationId], data: {}, ...event }))
      await connection.transaction((session) => eventLog.forSource('deals').append(session, ...rows))
      while ((await readRelayState(connection)).position < before + rows.length) await turnOfTheLoop()
    },
    worker(options = {}) {
      const worker = startWorker(connection, { now: () => graph.now(), asker, ...options })
      closables.push(worker)
      return worker
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(closables.map((one) => one.close()))
      await eventLog.close()
      await graph.stop()
    },
  }
  return world
}

/** A worker as a process of the partner subgraph has it, with waits that a test can live with. */
export function startWorker(
  connection: Connection,
  options: WorkerOptions & { readonly now: () => Date; readonly asker: GraphAsker },
): DeliveryWorker {
  const { now, asker, graph = asker, timeoutMs = 2_000, turnMs = 20_000, delaysMs, random, ...slots } = options
  const log = createLogger('test', 'error')
  const eventLog = createEventLog(connection, { log, now })
  const client = createSafePost({ rules: localNetworks, timeoutMs })
  const models = createPartnerModels({
    connection,
    now,
    secretFor: (purpose) => deriveSecret(testSecret, purpose),
    outside: { graph, networks: localNetworks },
  })
  const { cursors, signer } = models.webhooks
  const worker = startDeliveries(
    {
      connection,
      events: eventLog.forSource('partner'),
      models,
      cursors,
      log,
      now,
      turnMs,
      ...(delaysMs ? { delaysMs } : {}),
      ...(random ? { random } : {}),
      attempt: (endpoint, about) => attemptDelivery({ client, signer, cursors, graph, now }, endpoint, about),
    },
    slots,
  )
  return {
    runDue: () => worker.runDue(),
    async close() {
      await worker.close()
      await client.close()
      await eventLog.close()
    },
  }
}

const turnOfTheLoop = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 5)
  })
