import { buildSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { defaultColumns, readColumns, selectionOf, valueOf } from '../../cli/export/columns.ts'
import { readConnectionPath } from '../../cli/export/connection-path.ts'
import { readPages } from '../../cli/export/read-pages.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { type GraphClient, GraphError } from '../../sdk/graph-client.ts'

const schema = buildSchema(`
  type Query { things(first: Int, after: String, name: String): ThingConnection owner(id: ID!): Owner }
  type Owner { id: ID! name: String! things(first: Int, after: String): ThingConnection }
  type ThingConnection { nodes: [Thing!]! pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Money { amount: String! currencyCode: String! }
  type Thing { id: ID! name: String tags: [String!] price: Money owner: Owner parts: [Part!] quote(quantity: Int!): Money kind: Kind }
  type Part { size: Int! }
  enum Kind { SMALL LARGE }
`)

const pathOf = (text: string) => readConnectionPath(schema, text)
const columnsOf = (text: string) => readColumns(pathOf('things').nodeType, text)

describe('the list to export', () => {
  it('is named from the root with arguments as in a query', () => {
    const { fields, nodeType } = pathOf('owner(id: "a.b)").things')
    expect(fields.map(({ name }) => name.value)).toEqual(['owner', 'things'])
    expect(nodeType.name).toBe('Thing')
  })

  it.each([
    ['nothing', 'Query has no field nothing. It has things, owner.'],
    ['owner(id: "x")', 'It has the lists things.'],
    ['things { nodes }', 'is no list with pages'],
    ['owner(id: "a") things', 'must name one list'],
    ['things(', 'cannot be read'],
    ['owner.name', 'Owner.name is no list, its type is String.'],
    ['', 'cannot be read'],
  ])('%j is refused', (text, message) => {
    expect(() => pathOf(text)).toThrow(UsageError)
    expect(() => pathOf(text)).toThrow(message)
  })
})

describe('the columns', () => {
  it('are the plain values when none are named', () => {
    const names = defaultColumns(pathOf('things').nodeType).map((column) => column.join('.'))
    expect(names).toEqual(['id', 'name', 'tags', 'price.amount', 'price.currencyCode', 'owner.id', 'kind'])
  })

  it('may reach into what an item refers to', () => {
    const columns = columnsOf('id, owner.name, parts.size, owner.id')
    expect(selectionOf(columns)).toBe('id owner { name id } parts { size }')
    const node = { id: '1', owner: null, parts: [{ size: 1 }, { size: 2 }] }
    expect(columns.map((column) => valueOf(node, column))).toEqual(['1', null, '[1,2]', null])
  })

  it.each([
    ['colour', 'Thing has no field colour (in colour). It has id, name'],
    ['owner', 'owner has the type Owner; name one of its fields, such as owner.id.'],
    ['quote.amount', 'quote.amount needs arguments'],
    ['owner.things.nodes', 'lies in a list with pages of its own'],
    ['name.first', 'name has no fields'],
  ])('%s is refused', (text, message) => {
    expect(() => columnsOf(text)).toThrow(message)
  })
})

describe('the pages', () => {
  it('follow each other, smaller where a page is dearer than a query may be', async () => {
    const asked: { first: number; after: string | null }[] = []
    const graph: GraphClient = {
      request<Data>(_query: string, variables = {}) {
        const { first, after } = variables as { first: number; after: string | null }
        asked.push({ first, after })
        if (first > 100) return Promise.reject(new GraphError('COST_LIMIT_EXCEEDED', 'too dear'))
        const begin = after === null ? 0 : Number(after)
        const nodes = Array.from({ length: Math.min(first, 150 - begin) }, (_, n) => ({ id: String(begin + n) }))
        const endCursor = String(begin + nodes.length)
        const things = { nodes, pageInfo: { hasNextPage: begin + nodes.length < 150, endCursor } }
        return Promise.resolve({ owner: { things } } as Data)
      },
    }
    const cursors: (string | null)[] = []
    const pages = readPages({ graph, path: pathOf('owner(id: "x").things'), columns: [['id']], after: null })
    const ids: string[] = []
    for await (const { nodes, endCursor } of pages) {
      ids.push(...nodes.map((node) => (node as { id: string }).id))
      cursors.push(endCursor)
    }
    expect(ids).toEqual(Array.from({ length: 150 }, (_, n) => String(n)))
    expect(asked.map(({ first }) => first)).toEqual([250, 125, 63, 63, 63])
    expect(cursors).toEqual(['63', '126', '150'])
  })
})
