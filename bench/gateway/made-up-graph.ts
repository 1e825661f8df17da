import { buildSubgraphSchema } from '@apollo/subgraph'
import { type DocumentNode, type GraphQLSchema, Kind, parse } from 'graphql'
import type { PlannerName } from '../../gateway/plan/planner.ts'
import type { Transport } from '../../gateway/transport/transport.ts'
import { createTestPipeline } from '../../test/gateway/mini-graph.ts'
import { remembering } from './remembering.ts'

export interface GraphSize {
  readonly subgraphs: number
  /** Object types besides those that are asked for. */
  readonly types: number
  /** Items of the list that is asked for. */
  readonly items: number
  /** Characters of each text. */
  readonly textLength: number
}

export interface MadeUpGraph {
  /** Answers one request, and tells how large the answer is and how many fetches it took. */
  run(document: DocumentNode): Promise<{ readonly bytes: number; readonly fetches: number }>
  /** Plans an operation anew, as one that was never seen. */
  plan(document: DocumentNode): void
}

/** `items` of the first subgraph, and one text of each item in each subgraph. */
export function madeUpQuery(subgraphs: number, name = 'Bench'): string {
  const texts = Array.from({ length: subgraphs }, (_, index) => `text${index}`)
  return `query ${name} { items { id ${texts.join(' ')} } }`
}

/**
 * The pipeline with all of its stages before subgraphs that answer from memory, as JSON text: what is measured is what
 * the gateway does, with reading and writing of JSON and without sockets. `reach` gives another way to them.
 */
export function makeUpGraph(
  size: GraphSize,
  planner: PlannerName,
  reach: (index: number) => Transport = (index) => remembering(() => madeUpSchema(index, size)),
): MadeUpGraph {
  const services = Array.from({ length: size.subgraphs }, (_, index) => ({
    name: `s${index}`,
    url: `http://s${index}.bench`,
    sdl: subgraphSdl(index, size),
  }))
  const transports = new Map(services.map(({ name }, index) => [name, reach(index)]))
  const graph = createTestPipeline(services, transports, { planner, nowMs: () => performance.now() })
  const limits = { bucketSize: soMuch, restoreRate: soMuch, maxQueryCost: soMuch }
  return {
    async run(document) {
      graph.fetches.length = 0
      const answer = await graph.run(document, { limits })
      if (answer.errors.length > 0) throw new Error(`the gateway answered ${answer.body.slice(0, 500)}`)
      return { bytes: answer.body.length, fetches: graph.fetches.length }
    },
    plan(document) {
      const [operation] = document.definitions
      if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('the document has no operation')
      graph.snapshot.plan(operation)
    },
  }
}

const soMuch = 1e15

function subgraphSdl(index: number, { subgraphs, types }: GraphSize): string {
  const others = Array.from(
    { length: Math.floor(types / subgraphs) },
    (_, other) => `type Other${index}x${other} @key(fields: "id") { id: ID! name: String count: Int }`,
  )
  return `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])
    type Query { ${index === 0 ? 'items: [Item]' : `other${index}: Item`} }
    type Item @key(fields: "id") { id: ID! text${index}: String }
    ${others.join('\n')}`
}

/** The schema of one of its subgraphs, with resolvers. */
export function madeUpSchema(index: number, size: GraphSize): GraphQLSchema {
  const { items, textLength } = size
  const text = 'x'.repeat(textLength)
  return buildSubgraphSchema({
    typeDefs: parse(subgraphSdl(index, size)),
    resolvers: {
      Query: { items: () => Array.from({ length: items }, (_, id) => ({ id: String(id) })) },
      Item: { [`text${index}`]: () => text, __resolveReference: ({ id }: { id: string }) => ({ id }) },
    },
  })
}
