import { describe, expect, it } from 'vitest'
import { supergraphFaults } from '../../gateway/plan/check-supergraph.ts'
import { composeSupergraph } from '../../subgraphs/compose.ts'
import { createMiniGraph } from './mini-graph.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@external",
  "@requires", "@interfaceObject", "@override", "@context", "@fromContext"])\n`

function faults(planner: 'rust' | 'apollo', subgraphs: Readonly<Record<string, string>>): string[] {
  const services = Object.entries(subgraphs).map(([name, sdl]) => ({
    name,
    sdl: link + sdl,
    url: `http://${name}.test`,
  }))
  return supergraphFaults(composeSupergraph(services).supergraphSdl, planner)
}

const withArguments = {
  goods: 'type Query { item: Item } type Item @key(fields: "id") { id: ID! price(currency: String): Int }',
  freight: `type Item @key(fields: "id") { id: ID! price(currency: String): Int @external
    cost: Int @requires(fields: "price(currency: \\"EUR\\")") }`,
}
const halfResolvable = {
  a: 'type Query { item: Item } type Item @key(fields: "id") @key(fields: "code") { id: ID! code: ID! weight: Int }',
  b: `type Item @key(fields: "id", resolvable: false) @key(fields: "code") { id: ID! code: ID! weight: Int @external
    cost: Int @requires(fields: "weight") }`,
}
const deadEnd = {
  a: 'type Query { node: Node } interface Node @key(fields: "id") { id: ID! }',
  b: 'type Query { other: Node } type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID! field: String }',
}

describe('a supergraph is refused', () => {
  it.each([
    ['Item.cost', withArguments],
    ['Item in the subgraph B', halfResolvable],
    ['Node in the subgraph B', deadEnd],
  ])('when Apollo’s planner would answer it wrongly, with the place: %s', (place, subgraphs) => {
    const found = faults('apollo', subgraphs)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(place)
    expect(faults('rust', subgraphs)).toEqual([])
  })

  it('when it overrides a field by a label, which neither planner is told of', () => {
    const subgraphs = {
      a: 'type Query { item: Item } type Item @key(fields: "id") { id: ID! weight: Int }',
      b: 'type Item @key(fields: "id") { id: ID! weight: Int @override(from: "a", label: "percent(5)") }',
    }
    for (const planner of ['rust', 'apollo'] as const) {
      expect(faults(planner, subgraphs)).toContain(
        'Item.weight in the subgraph B has an @override with a label, which is not supported',
      )
    }
  })

  it('when it takes arguments from @fromContext', () => {
    const subgraphs = {
      a: `type Query { shop: Shop } type Shop @key(fields: "id") @context(name: "shop") { id: ID! currency: String item: Item }
        type Item @key(fields: "id") { id: ID! price(currency: String @fromContext(field: "$shop { currency }")): Int }`,
      b: 'type Item @key(fields: "id") { id: ID! weight: Int }',
    }
    expect(faults('rust', subgraphs)[0]).toContain('Item.price in the subgraph A takes an argument from @fromContext')
  })

  it('as a whole: no operation of it is planned', async () => {
    const one = { name: 'freight', sdl: withArguments.freight, resolvers: {} }
    const other = { name: 'goods', sdl: withArguments.goods, resolvers: {} }
    await expect(createMiniGraph([one, other], { planner: 'apollo' })).rejects.toThrow(
      'Item.cost in the subgraph FREIGHT',
    )
  })
})

it('plans the same operation by both planners with the same answer', async () => {
  for (const planner of ['rust', 'apollo'] as const) {
    const graph = await createMiniGraph(
      [
        {
          name: 'goods',
          sdl: 'type Query { item: Item @authenticated } type Item @key(fields: "id") @authenticated { id: ID! name: String }',
          resolvers: { Query: { item: () => ({ id: '1', name: 'one' }) } },
        },
        {
          name: 'stock',
          sdl: 'type Item @key(fields: "id") @authenticated { id: ID! onHand: Int }',
          resolvers: { Item: { onHand: () => 3, __resolveReference: ({ id }: { id: string }) => ({ id }) } },
        },
      ],
      { planner },
    )
    expect((await graph.run('{ item { name onHand } }')).data).toEqual({ item: { name: 'one', onHand: 3 } })
    expect(graph.fetches.map(({ subgraph }) => subgraph)).toEqual(['goods', 'stock'])
  }
})

it.each(['rust', 'apollo'] as const)(
  'asks a subgraph once for all entities of a stage: %s planner',
  async (planner) => {
    const graph = await createMiniGraph(
      [
        {
          name: 'goods',
          sdl: `type Query { item: Item @authenticated shop: Shop @authenticated }
          type Item @key(fields: "id") @authenticated { id: ID! }
          type Shop @key(fields: "id") @authenticated { id: ID! }`,
          resolvers: { Query: { item: () => ({ id: '1' }), shop: () => ({ id: '2' }) } },
        },
        {
          name: 'names',
          sdl: `type Item @key(fields: "id") @authenticated { id: ID! name(in: String): String }
          type Shop @key(fields: "id") @authenticated { id: ID! title: String }`,
          resolvers: {
            Item: {
              name: ({ id }: { id: string }, given: { in: string }) => `item ${id} in ${given.in}`,
              __resolveReference: ({ id }: { id: string }) => ({ id }),
            },
            Shop: {
              title: () => {
                throw new Error('no title')
              },
              __resolveReference: ({ id }: { id: string }) => ({ id }),
            },
          },
        },
      ],
      { planner },
    )
    const query = 'query ($in: String) { item { name(in: $in) } other: item { german: name(in: "de") } shop { title } }'
    const { data, errors } = await graph.run(query, { variables: { in: 'en' } })
    expect(data).toEqual({ item: { name: 'item 1 in en' }, other: { german: 'item 1 in de' }, shop: { title: null } })
    expect(errors.map(({ path }) => path)).toEqual([['shop', 'title']])
    expect(graph.fetches.map(({ subgraph }) => subgraph)).toEqual(['goods', 'names'])
  },
)
