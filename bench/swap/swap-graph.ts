import { type GraphQLSchema, buildSchema } from 'graphql'
import type { ComposedTexts } from '../../kit/schema-workshop.ts'
import { composeTexts } from '../../schema/checks/check-candidate.ts'

/** A graph of five subgraphs with many types, of which one list of entities is asked for. */
export interface SwapGraph {
  /** Types besides those that are asked for. */
  readonly types: number
}

const names = ['s0', 's1', 's2', 's3', 's4']
const items = 20
const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])\n'

export interface SwapSubgraph {
  readonly name: string
  readonly sdl: string
}

export function swapSubgraphs({ types }: SwapGraph): readonly SwapSubgraph[] {
  return names.map((name, index) => ({ name, sdl: sdlOf(index, types, true) }))
}

/** Both supergraphs that take turns: they differ in a field, which the subgraph has always had. */
export function swapSupergraphs({ types }: SwapGraph): readonly ComposedTexts[] {
  return [true, false].map((whole) =>
    composeTexts(
      names.map((name, index) => ({ name, url: `http://${name}.bench`, sdl: link + sdlOf(index, types, whole) })),
    ),
  )
}

function sdlOf(index: number, types: number, whole: boolean): string {
  const others = Array.from(
    { length: Math.floor(types / names.length) },
    (_, other) => `type Other${index}x${other} @key(fields: "id") { id: ID! name: String count: Int }`,
  )
  return `type Query { ${index === 0 ? 'items: [Item]' : `other${index}: Item`} }
    type Item @key(fields: "id") { id: ID! text${index}: String more${index}: Int ${whole ? `later${index}: String` : ''} }
    ${others.join('\n')}`
}

/** What answers for a subgraph: its part of the graph, without the types that nobody asks for. */
export function answeringSchema(index: number): GraphQLSchema {
  const schema = buildSchema(`
    scalar _Any
    type Query { items: [Item] other${index}: Item _entities(representations: [_Any!]!): [Item]! }
    type Item { id: ID! text${index}: String more${index}: Int later${index}: String }`)
  const item = (id: string) => ({ id, [`text${index}`]: 'x'.repeat(30), [`more${index}`]: index })
  const fields = schema.getQueryType()?.getFields() ?? {}
  const resolve = (name: string, answer: (given: { representations: { id: string }[] }) => unknown): void => {
    const field = fields[name]
    if (field) field.resolve = (_root, given) => answer(given as { representations: { id: string }[] })
  }
  resolve('items', () => Array.from({ length: items }, (_, id) => item(String(id))))
  resolve(`other${index}`, () => item('0'))
  resolve('_entities', ({ representations }) => representations.map(({ id }) => item(id)))
  return schema
}

/** Different operations, of one to five subgraphs, all valid on both supergraphs. */
export function mixOf(operations: number): readonly string[] {
  return Array.from({ length: operations }, (_, number) => {
    const asked = names.flatMap((_name, index) => [
      ...((number >> index) % 2 === 1 ? [`text${index}`] : []),
      ...((number + index) % 3 === 0 ? [`more${index}`] : []),
    ])
    const begins = number % 4 === 3 ? `other${1 + (number % 4)}` : 'items'
    return `query Mix${number} { ${begins} { id ${asked.join(' ')} } }`
  })
}
