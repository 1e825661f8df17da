import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '../../kit/caller.ts'
import { demoApps } from '../../subgraphs/demo-world/apps.ts'
import { demoDeals } from '../../subgraphs/demo-world/deals.ts'
import { demoLocations } from '../../subgraphs/demo-world/locations.ts'
import { demoOrganization } from '../../subgraphs/demo-world/organizations.ts'
import { demoProducts, demoSkus } from '../../subgraphs/demo-world/products.ts'
import { subgraphs } from '../../subgraphs/registry.ts'
import { type DemoGraph, demoCaller, startDemoGraph } from './demo-graph.ts'

type Field = GraphQLField<unknown, unknown>

let graph: DemoGraph
beforeAll(async () => {
  graph = await startDemoGraph(subgraphs.map(({ name }) => name))
})
afterAll(() => graph[Symbol.asyncDispose]())

/** Ids of the demo by the type that an id belongs to. */
const ids: Readonly<Record<string, string | undefined>> = {
  Organization: demoOrganization('northwind').id,
  App: demoApps[0]?.id,
  Product: demoProducts[0]?.id,
  Sku: demoSkus[0]?.id,
  Location: demoLocations[0]?.id,
  DealRegistration: demoDeals[0]?.id,
}

/** Lists that an `$or` over a handful of plans keeps from one index, on a collection of tens of documents. */
const tiny = /^billing_plans /

describe.each(subgraphs.map(({ name }) => name))('every list of %s', (name) => {
  it.each(['operator-console', 'northwind-portal'])('reads by an index with any filter, for %s', async (app) => {
    const caller = demoCaller(app)
    const { schema } = graph.services.get(name) ?? {}
    if (schema === undefined) throw new Error(`the subgraph ${name} was not started`)
    const problems: string[] = []
    for (const list of listsOf(schema)) {
      for (const filters of filterSets(list.field)) {
        const scans = await graph.scansOf(() => readTwoPages({ name, caller, list, filters }))
        problems.push(
          ...scans
            .filter((scan) => !tiny.test(scan))
            .map((scan) => `${list.path}(${Object.keys(filters).join()}): ${scan}`),
        )
      }
    }
    expect(problems).toEqual([])
  })
})

interface List {
  /** As in `Query.products`. */
  readonly path: string
  readonly field: Field
  /** The representation of the entity that holds the list; null for a list of Query. */
  readonly holder: { readonly type: string; readonly id: string } | null
}

/** The log of events is no collection: it is read by position, and how many there are is not told. */
function isCounted(type: GraphQLNamedType): boolean {
  return isObjectType(type) && type.name.endsWith('Connection') && 'totalCount' in type.getFields()
}

/** The connections of Query, and those of entities of which the demo has one. */
function listsOf(schema: GraphQLSchema): List[] {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType)
  return types.flatMap((type) => {
    const id = ids[type.name]
    if (type.name !== 'Query' && id === undefined) return []
    return Object.values(type.getFields())
      .filter((field) => isCounted(getNamedType(field.type)))
      .map((field) => ({
        path: `${type.name}.${field.name}`,
        field,
        holder: type.name === 'Query' || id === undefined ? null : { type: type.name, id },
      }))
  })
}

type Filters = Readonly<Record<string, unknown>>

/** No filter, each filter by itself, and each together with the owner's id. */
function filterSets({ args }: Field): Filters[] {
  const required = Object.fromEntries(args.filter(isRequiredArgument).map((arg) => [arg.name, sampleOf(arg)]))
  const optional = args.filter((arg) => !isRequiredArgument(arg) && arg.name !== 'first' && arg.name !== 'after')
  const single = optional.flatMap((arg) => samplesOf(arg).map((value) => ({ [arg.name]: value })))
  const owner = args.some((arg) => arg.name === 'organizationId') ? { organizationId: ids['Organization'] } : {}
  return [{}, ...single, ...single.map((filter) => ({ ...owner, ...filter }))].map((filters) => ({
    ...required,
    ...filters,
  }))
}

function samplesOf(arg: GraphQLArgument): unknown[] {
  const type = getNamedType(arg.type)
  if (!isInputObjectType(type)) return [sampleOf(arg)]
  return Object.values(type.getFields()).map((field) => ({ [field.name]: sampleOf(field) }))
}

function sampleOf({ name, type }: { readonly name: string; readonly type: GraphQLInputType }): unknown {
  const inner = getNamedType(type)
  const sample = isEnumType(inner) ? inner.getValues()[0]?.name : scalarSample(name, inner.name)
  return isListType(type) || ('ofType' in type && isListType(type.ofType)) ? [sample] : sample
}

function scalarSample(name: string, type: string): unknown {
  switch (type) {
    case 'Boolean':
      return true
    case 'Int':
    case 'Float':
      return 1
    case 'DateTimeISO':
      return '2026-11-01T00:00:00.000Z'
    default: {
      const entity = Object.keys(ids).find((candidate) => `${candidate}id`.toLowerCase().endsWith(name.toLowerCase()))
      return entity === undefined ? 'north' : ids[entity]
    }
  }
}

async function readTwoPages(read: {
  readonly name: string
  readonly caller: Caller
  readonly list: List
  readonly filters: Filters
}): Promise<void> {
  const { name, caller, list, filters } = read
  const { field, holder } = list
  const used = field.args.filter((arg) => Object.hasOwn(filters, arg.name))
  const declared = [...used.map((arg) => `$${arg.name}: ${String(arg.type)}`), '$after: String'].join(', ')
  const passed = [...used.map((arg) => `${arg.name}: $${arg.name}`), 'first: 2', 'after: $after'].join(', ')
  const selection = `page: ${field.name}(${passed}) { totalCount nodes { __typename } pageInfo { endCursor } }`
  const query =
    holder === null
      ? `query (${declared}) { ${selection} }`
      : `query (${declared}, $holder: [_Any!]!) { _entities(representations: $holder) { ... on ${holder.type} { ${selection} } } }`
  const representations = holder === null ? {} : { holder: [{ __typename: holder.type, id: holder.id }] }
  for (let after: string | null = null, page = 0; page < 2; page += 1) {
    const { data, errors } = await graph.run(name, query, {
      as: caller,
      variables: { ...filters, ...representations, after },
    })
    if (caller.operator && Object.keys(filters).length === 0) expect(errors, list.path).toBeUndefined()
    // What this caller may not see, and samples that make no sense as a filter, are refused before a read.
    const codes = errors?.map(({ extensions }) => extensions?.['code']) ?? []
    expect(
      codes.filter((code) => code !== 'FORBIDDEN' && code !== 'BAD_USER_INPUT'),
      JSON.stringify(errors),
    ).toEqual([])
    const source = holder === null ? data : (data?.['_entities'] as Record<string, unknown>[] | undefined)?.[0]
    after =
      (source?.['page'] as { pageInfo: { endCursor: string | null } } | null | undefined)?.pageInfo.endCursor ?? null
    if (after === null) break
  }
}
