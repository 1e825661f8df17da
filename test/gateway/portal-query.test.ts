import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DocumentNode, Kind, parse, visit } from 'graphql'
import mongoose, { type mongo } from 'mongoose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { GraphAnswer } from '../../gateway/pipeline.ts'
import { partnerHomePage } from '../../gateway/sample-operations.ts'
import { createTransports } from '../../gateway/subgraph-transports.ts'
import { readConfig } from '../../kit/config.ts'
import { createLogger } from '../../kit/log.ts'
import { connectStorage } from '../../storage/connect.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { seedDemoWorld } from '../../subgraphs/seed-demo-world.ts'
import { demoCaller, demoNow } from '../subgraphs/demo-graph.ts'
import { createTestPipeline } from './mini-graph.ts'

/** What one run of an operation made the product do. */
interface Run {
  readonly answer: GraphAnswer
  /** The subgraphs that were called, by name. */
  readonly calls: readonly string[]
  /** Commands that reached the database, as `find partner_apps`, by name. */
  readonly commands: readonly string[]
}

const now = () => demoNow

let run: (document: DocumentNode) => Promise<Run>
let close: () => Promise<void>

/** The whole product but its fronts, on a seeded embedded database, with calls and database commands counted. */
beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-test-'))
  const storage = await connectStorage({ dataDir })
  const secret = 'a secret for tests, of at least 32 characters'
  await seedDemoWorld({ connection: storage.connection, now, secret })
  // A second connection: only a client made for it tells its commands.
  const connection = await mongoose.createConnection(storage.uri, { monitorCommands: true }).asPromise()
  const log = createLogger('test', 'error')
  const subgraphsHere = await createTransports({
    config: readConfig({}),
    secret,
    connection,
    log,
    now,
  })
  const services = subgraphs.map(({ name, sdl }) => ({ name, sdl, url: `http://${name}.test` }))
  const graph = createTestPipeline(services, subgraphsHere.transports, { deadlineMs: 30_000 })
  const sent: string[] = []
  connection.getClient().on('commandStarted', ({ commandName, command }: mongo.CommandStartedEvent) => {
    sent.push(`${commandName} ${String(command['collection'] ?? command[commandName])}`)
  })
  run = async (document) => {
    graph.fetches.length = 0
    sent.length = 0
    const answer = await graph.run(document, { caller: demoCaller('northwind-portal') })
    return {
      answer,
      calls: graph.fetches.map(({ subgraph }) => subgraph).toSorted(),
      commands: sent.toSorted(),
    }
  }
  close = async () => {
    await subgraphsHere.close()
    await connection.close()
    await storage.close()
    await rm(dataDir, { recursive: true, force: true })
  }
})
afterAll(() => close())

/** The home page with every list of it asked for in pages of this size. */
function homePage(size: number): DocumentNode {
  return visit(parse(partnerHomePage), {
    Argument: (argument) =>
      argument.name.value === 'first' ? { ...argument, value: { kind: Kind.INT, value: String(size) } } : undefined,
    VariableDefinition: () => null,
  })
}

/** Finds the ids of each product's page of SKUs; a single product's page needs no grouping, only the find below. */
const groupedPages = 'aggregate catalog_skus'

/** Per home page, whatever the size of its lists; each command reads for all objects of its kind at once. */
const expectedCalls = ['billing', 'billing', 'catalog', 'catalog', 'deals', 'inventory', 'partner']
const expectedCommands = [
  'aggregate billing_usage_hours',
  groupedPages,
  'aggregate deal_registrations',
  'find billing_invoices',
  'find billing_plan_subscriptions',
  'find billing_plans',
  'find catalog_price_list_assignments',
  'find catalog_price_lists',
  'find catalog_prices',
  // Once for the page of products, once for the products of the deals.
  'find catalog_products',
  'find catalog_products',
  'find catalog_skus',
  'find deal_registrations',
  'find inventory_levels',
  'find locations',
  'find partner_apps',
  'find partner_organizations',
  'find partner_tiers',
]

it.each([1, 5, 25])('reads the home page with lists of %i with the same calls and database commands', async (size) => {
  const { answer, calls, commands } = await run(homePage(size))
  expect(answer.errors).toEqual([])
  expect(answer.data).toMatchObject({ products: { nodes: { length: size } } })
  expect(calls).toEqual(expectedCalls)
  expect(commands).toEqual(expectedCommands.filter((command) => size > 1 || command !== groupedPages))
})

it('reads the home page as it is shipped with the same calls and database commands', async () => {
  const { answer, calls, commands } = await run(parse(partnerHomePage))
  expect(answer.errors).toEqual([])
  expect(calls).toEqual(expectedCalls)
  expect(commands).toEqual(expectedCommands)
})
