import { readFileSync } from 'node:fs'
import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  buildSchema,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  parse,
} from 'graphql'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { GraphAnswer } from '../../gateway/pipeline/graph-answer.ts'
import { createInProcessTransport } from '../../gateway/transport/in-process-transport.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { createTestPipeline } from '../gateway/mini-graph.ts'
import { type DemoGraph, demoCaller, startDemoGraph } from '../subgraphs/demo-graph.ts'

const schema = buildSchema(readFileSync(new URL('../../schema/api.graphql', import.meta.url), 'utf8'))
const queries = Object.values(schema.getQueryType()?.getFields() ?? {})
const lists = queries.filter(({ type, args }) => {
  return getNamedType(type).name.endsWith('Connection') && !args.some(isRequiredArgument)
})

let graph: DemoGraph
let run: (query: string) => Promise<GraphAnswer>

beforeAll(async () => {
  graph = await startDemoGraph(subgraphs.map(({ name }) => name))
  const transports = new Map([...graph.services].map(([name, service]) => [name, createInProcessTransport(service)]))
  const services = subgraphs.map(({ name, sdl }) => ({ name, sdl, url: `http://${name}.test` }))
  const pipeline = createTestPipeline(services, transports, { deadlineMs: 30_000 })
  run = (query) => pipeline.run(parse(query), { caller: demoCaller('northwind-portal') })
  await hideGoodsOfDeals()
})
afterAll(() => graph[Symbol.asyncDispose]())

/** Moves the products of the partner's deals to a family that it may not view; deals and stock go on referring to them. */
async function hideGoodsOfDeals(): Promise<void> {
  const { data } = await run('{ dealRegistrations(first: 5) { nodes { product { id } } } }')
  const page = data?.['dealRegistrations'] as
    | { readonly nodes: { readonly product: { readonly id: string } }[] }
    | undefined
  const nodes = page?.nodes ?? []
  expect(nodes.length).toBe(5)
  const change = 'mutation ($id: ID!) { changeProduct(input: { id: $id, family: "Withdrawn" }) { product { family } } }'
  for (const { product } of nodes) {
    const { errors } = await graph.run('catalog', change, { as: demoCaller('operator-console'), variables: product })
    expect(errors).toBeUndefined()
  }
  const hidden = await run(`{ product(id: "${nodes[0]?.product.id ?? ''}") { name } }`)
  expect(hidden.data).toEqual({ product: null })
}

/** Every field of a type that needs no argument, so many objects deep; lists within lists are not followed. */
function fieldsOf(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type)
  if (isLeafType(named)) return ''
  if (!isObjectType(named) && !isInterfaceType(named)) return '{ __typename }'
  const fields = Object.values((named as GraphQLObjectType).getFields()).flatMap((field) => {
    const target = getNamedType(field.type)
    if (field.args.some(isRequiredArgument) || target.name.endsWith('Connection')) return []
    if (isLeafType(target)) return [field.name]
    return depth === 0 ? [] : [`${field.name} ${fieldsOf(field.type, depth - 1)}`]
  })
  return `{ __typename ${fields.join(' ')} }`
}

// What a partner may not see of an object is null in it; where it could not be null, it would cost the whole page.
it.each(lists)('a partner reads $name with all that its entries refer to', async ({ name, type }) => {
  const nodes = (getNamedType(type) as GraphQLObjectType).getFields()['nodes']
  if (!nodes) throw new Error(`${name} has no nodes`)
  const { data, errors } = await run(`{ ${name}(first: 50) { nodes ${fieldsOf(nodes.type, 2)} } }`)
  expect(errors.filter(({ code }) => code !== 'FORBIDDEN')).toEqual([])
  if (errors.length === 0) expect(data?.[name]).not.toBeNull()
})
