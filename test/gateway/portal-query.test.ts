import { type DocumentNode, Kind, parse, visit } from 'graphql'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { GraphAnswer } from '../../gateway/pipeline/graph-answer.ts'
import { partnerHomePage } from '../../gateway/demo/sample-operations.ts'
import { createInProcessTransport } from '../../gateway/transport/in-process-transport.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { type DemoGraph, demoCaller, startDemoGraph } from '../subgraphs/demo-graph.ts'
import { createTestPipeline } from './mini-graph.ts'

/** What one run of an operation made the product do. */
interface Run {
  readonly answer: GraphAnswer
  /** The subgraphs that were called, by name. */
  readonly calls: readonly string[]
  /** Commands that reached the database, as `find partner_apps`, by name. */
  readonly commands: readonly string[]
}

let graph: DemoGraph
let run: (document: DocumentNode) => Promise<Run>

/** The whole product but its fronts and its background, on a seeded database. */
beforeAll(async () => {
  graph = await startDemoGraph(subgraphs.map(({ name }) => name))
  const transports = new Map([...graph.services].map(([name, service]) => [name, createInProcessTransport(service)]))
  const services = subgraphs.map(({ name, sdl }) => ({ name, sdl, url: `http://${name}.test` }))
  const pipeline = createTestPipeline(services, transports, { deadlineMs: 30_000 })
  run = async (document) => {
    pipeline.fetches.length = 0
    const answers: GraphAnswer[] = []
    const commands = await graph.commandsOf(async () => {
      answers.push(await pipeline.run(document, { caller: demoCaller('northwind-portal') }))
    })
    return {
      answer: answers[0] as GraphAnswer,
      calls: pipeline.fetches.map(({ subgraph }) => subgraph).toSorted(),
      commands: commands.toSorted(),
    }
  }
})
afterAll(() => graph[Symbol.asyncDispose]())

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
const expectedCalls = ['billing', 'catalog', 'catalog', 'deals', 'inventory', 'partner']
const expectedCommands = [
  'aggregate billing_usage_totals',
  groupedPages,
  'aggregate deal_registrations',
  'find billing_invoices',
  'find billing_plan_subscriptions',
  'find billing_plans',
  // What the caller may see, once for each of the two calls of the catalog.
  'find catalog_entitlements',
  'find catalog_entitlements',
  'find catalog_organizations',
  'find catalog_organizations',
  'find catalog_price_list_assignments',
  'find catalog_price_lists',
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
