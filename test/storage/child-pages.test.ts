import { afterAll, beforeAll, expect, test } from 'vitest'
import { createChildConnections } from '../../storage/child-pages.ts'
import { bindModel, prepareModels } from '../../storage/documents.ts'
import { openTestDatabase, type TestDatabase } from './test-database.ts'

interface Child {
  readonly _id: string
  readonly parent: string
  readonly at: number
}

let database: TestDatabase
let read: (parents: readonly string[], mostRows: number) => Promise<string[][]>

const children = (parent: string, count: number, from: number) =>
  Array.from({ length: count }, (_, n) => ({ _id: `${parent}-${String(n).padStart(3, '0')}`, parent, at: from + n }))

beforeAll(async () => {
  database = await openTestDatabase()
  const connection = await database.connect()
  const model = bindModel<Child>(connection, 'Child', {
    collection: 'children',
    fields: { parent: { type: String, required: true }, at: { type: Number, required: true } },
    indexes: [[{ parent: 1, at: -1, _id: -1 }]],
  })
  await prepareModels([model])
  // All of the many are later than the few.
  await model.insertMany([...children('many', 100, 1_000), ...children('few', 3, 0), ...children('more', 8, 100)])
  read = async (parents, mostRows) => {
    const pages = createChildConnections<Child>({
      model,
      parentField: 'parent',
      sortField: 'at',
      direction: -1,
      filter: {},
      mostRows,
    })
    const connections = await Promise.all(parents.map((parent) => pages(parent, { first: 4 })))
    return connections.map(({ nodes, pageInfo }) => [...nodes.map(({ _id }) => _id), String(pageInfo.hasNextPage)])
  }
})
afterAll(() => database[Symbol.asyncDispose]())

test('pages of several parents hold no more ids than there may be, and miss no child of the others', async () => {
  const parents = ['few', 'many', 'none', 'more']
  const expected = [
    ['few-002', 'few-001', 'few-000', 'false'],
    ['many-099', 'many-098', 'many-097', 'many-096', 'true'],
    ['false'],
    ['more-007', 'more-006', 'more-005', 'more-004', 'true'],
  ]
  for (const mostRows of [3, 20, 102, 104, 1_000]) {
    expect(await read(parents, mostRows)).toEqual(expected)
  }
})
