import { readdir } from 'node:fs/promises'
import { register } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLFieldResolver, type GraphQLSchema, execute, parse, validate } from 'graphql'
import type { PlannerName } from '../../gateway/plan/planner.ts'
import { HttpResult, type Transport, type TransportResult } from '../../gateway/transport/transport.ts'
import { ConfigError } from '../../kit/config-error.ts'
import { type TestPipeline, createTestPipeline } from '../gateway/mini-graph.ts'

const help = `Runs the public federation audit (github.com/graphql-hive/federation-gateway-audit) against the gateway's engine.

  npx tsx test/federation-audit/run.ts <checkout> [rust|apollo]
`

interface Suite {
  readonly id: string
  readonly subgraphs: readonly { readonly name: string; readonly typeDefs: string; readonly resolvers: Resolvers }[]
  readonly tests: readonly Case[] | (() => readonly Case[])
}

interface Case {
  readonly query: string
  readonly expected: { readonly data?: unknown; readonly errors?: boolean }
}

type Resolvers = Readonly<Record<string, Readonly<Record<string, GraphQLFieldResolver<unknown, unknown>>>>>

/** How requests and answers pass: as objects, as in one process, or as JSON text, as over HTTP. */
const ways = ['objects', 'text'] as const

async function main([checkout, planner = 'rust']: readonly string[]): Promise<void> {
  if (checkout === undefined || (planner !== 'rust' && planner !== 'apollo')) {
    process.stdout.write(help)
    return
  }
  register('./audit-hooks.mjs', import.meta.url)
  const folder = resolve(checkout, 'src/test-suites')
  const counts = { cases: 0, passed: 0, refused: 0 }
  for (const name of (await readdir(folder)).toSorted()) {
    const { default: suite } = (await import(pathToFileURL(`${folder}/${name}/index.ts`).href)) as { default: Suite }
    for (const way of ways) {
      let graph: TestPipeline
      try {
        graph = openGraph(suite, way, planner)
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        process.stdout.write(`REFUSED ${suite.id} (${way}): ${error.message}\n`)
        counts.refused += 1
        continue
      }
      const cases = typeof suite.tests === 'function' ? suite.tests() : suite.tests
      for (const [index, { query, expected }] of cases.entries()) {
        counts.cases += 1
        const wrong = await findFault(graph, query, expected)
        if (wrong === null) counts.passed += 1
        else process.stdout.write(`FAILED ${suite.id} ${index} (${way}): ${query}\n${wrong}\n`)
      }
    }
  }
  process.stdout.write(
    `${counts.passed} of ${counts.cases} cases pass (each as objects and as text), planner ${planner}; ${counts.refused} suites refused\n`,
  )
  if (counts.passed < counts.cases) process.exitCode = 1
}

function openGraph({ id, subgraphs }: Suite, way: (typeof ways)[number], planner: PlannerName): TestPipeline {
  const services = subgraphs.map(({ name, typeDefs }) => ({ name, sdl: typeDefs, url: `http://${id}.${name}.test` }))
  const transports = new Map(
    subgraphs.map(({ name, typeDefs, resolvers }) => [
      name,
      // Its type leaves out the reference resolvers of the suites.
      transportTo(buildSubgraphSchema({ typeDefs: parse(typeDefs), resolvers: resolvers as never }), way),
    ]),
  )
  return createTestPipeline(services, transports, { planner })
}

function transportTo(schema: GraphQLSchema, way: (typeof ways)[number]): Transport {
  const run = async (query: string, variableValues: Readonly<Record<string, unknown>>): Promise<TransportResult> =>
    (await execute({ schema, document: parse(query), variableValues })) as TransportResult
  return {
    sendsText: way === 'text',
    async execute({ body, query, variables }) {
      if (body === undefined) return run(query, variables)
      const sent = JSON.parse(body) as { query: string; variables?: Record<string, unknown> }
      const text = JSON.stringify(await run(sent.query, sent.variables ?? {}))
      const result = JSON.parse(text) as TransportResult
      return new HttpResult(result, !text.includes('\\'))
    },
    subscribe: () => Promise.reject(new Error('the audit has no subscriptions')),
    close: () => Promise.resolve(),
  }
}

/** What is wrong with the answer to a case; null when nothing is. */
async function findFault(graph: TestPipeline, query: string, expected: Case['expected']): Promise<string | null> {
  // Twice more, because the first runs are answered by the careful projection alone.
  for (let round = 0; round < 3; round++) {
    if (round > 0 && query.includes('mutation')) return null
    graph.fetches.length = 0
    const faults = validate(graph.snapshot.apiSchema, parse(query))
    const { data = null, errors } =
      faults.length > 0
        ? { errors: faults }
        : await graph.run(query, { limits: { bucketSize: 1e12, maxQueryCost: 1e12 } })
    const failed = errors.length > 0
    if (isDeepStrictEqual(data, expected.data ?? null) && (expected.errors ?? failed) === failed) continue
    return JSON.stringify({ round, expected, data, errors, fetches: graph.fetches }, null, 1)
  }
  return null
}

await main(process.argv.slice(2))
