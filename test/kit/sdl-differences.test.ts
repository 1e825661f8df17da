import { graphql, parse } from 'graphql'
import { expect, it } from 'vitest'
import { sdlDifferences } from '../../kit/sdl-differences.ts'
import { subgraphs } from '../../subgraphs/registry.ts'

const published = `type Query { points(of: ID!): Int } type Card @key(fields: "id") { id: ID! } enum Colour { RED }`

it('sees no difference in order, descriptions and what federation adds', () => {
  const served = `"A colour." enum Colour { RED } scalar _Any union _Entity = Card type _Service { sdl: String }
    type Card { "Its id." id: ID! } type Query { _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }
    extend type Query { points("Whose." of: ID!): Int }`
  expect(sdlDifferences(parse(published), parse(served))).toEqual([])
})

it('names what is missing, what is other and what nobody published', () => {
  const served = `type Query { points(of: ID): Float! } type Card { id: ID! holder: String } enum Colour { BLUE }`
  expect(sdlDifferences(parse(published), parse(served))).toEqual([
    'It does not have Colour.RED.',
    'It has Query.points as Float! (of: ID), published is Int (of: ID!).',
    'It has Card.holder, which was not published.',
    'It has Colour.BLUE, which was not published.',
  ])
})

it.each(subgraphs.map((subgraph) => [subgraph.name, subgraph] as const))(
  'finds that %s serves what it publishes',
  async (_name, { sdl, guardedSchema }) => {
    const { data } = await graphql({ schema: guardedSchema(), source: '{ _service { sdl } }', contextValue: {} })
    const service = data?.['_service'] as { readonly sdl: string } | undefined
    expect(sdlDifferences(parse(sdl), parse(service?.sdl ?? ''))).toEqual([])
  },
)
