import { parse } from 'graphql'
import { expect, it } from 'vitest'
import { createMiniGraph } from '../gateway/mini-graph.ts'

const sdl = `type Query { items(many: Boolean = false): [Item!] @authenticated }
  type Item @key(fields: "id") @authenticated { id: ID! name: String }`

it('answers fields of @include below a list that was empty until the code of answers was made', async () => {
  const graph = await createMiniGraph([
    {
      name: 'items',
      sdl,
      resolvers: {
        Query: { items: (_: unknown, { many }: { many: boolean }) => (many ? [{ id: '1', name: 'one' }] : []) },
      },
    },
  ])
  // One document, as a front would hand it in: its answers share what is compiled.
  const document = parse(
    'query ($many: Boolean, $with: Boolean!) { items(many: $many) { id name @include(if: $with) } }',
  )
  for (let run = 0; run < 4; run++) await graph.run(document, { variables: { many: false, with: true } })
  const { data } = await graph.run(document, { variables: { many: true, with: true } })
  expect(data).toEqual({ items: [{ id: '1', name: 'one' }] })
})

it('does not ask a subgraph for what is skipped below an entity', async () => {
  const graph = await createMiniGraph([
    {
      name: 'items',
      sdl,
      resolvers: { Item: { name: () => 'one', __resolveReference: ({ id }: { id: string }) => ({ id }) } },
    },
    {
      name: 'lists',
      sdl: `type Query { list: List @authenticated }
        type List @key(fields: "id") @authenticated { id: ID! items: [Item!] }
        type Item @key(fields: "id") @authenticated { id: ID! }`,
      resolvers: { Query: { list: () => ({ id: '1', items: [{ id: '1' }] }) } },
    },
  ])
  const { data } = await graph.run('query ($skip: Boolean!) { list { items { id name @skip(if: $skip) } } }', {
    variables: { skip: true },
  })
  expect(data).toEqual({ list: { items: [{ id: '1' }] } })
  expect(graph.fetches.map(({ subgraph }) => subgraph)).toEqual(['lists'])
})
