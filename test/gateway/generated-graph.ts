import type { GeneratorValue } from 'fast-check'
import * as fc from 'fast-check'
import { type GraphQLSchema, type GraphQLTypeResolver, buildSchema } from 'graphql'
import type { MiniSubgraph } from './mini-graph.ts'

/** What a field answers: a value of its own, another entity, or a list of them. */
type FieldKind = 'String' | 'Int' | 'Float' | 'Boolean' | 'Level' | 'entity' | 'Node' | 'Thing'

/** How a field behaves for some entities. */
type Fault = 'none' | 'null' | 'throw'

export interface GeneratedField {
  readonly name: string
  readonly kind: FieldKind
  /** The entity type that it returns; only for `entity`. */
  readonly of: number
  readonly list: boolean
  readonly nonNull: boolean
  readonly fault: Fault
  readonly subgraph: number
}

/** A graph whose entities are spread over some subgraphs, field by field. */
export interface GeneratedGraph {
  readonly subgraphs: readonly MiniSubgraph[]
  /** The same graph in one schema, with resolvers on its types. */
  readonly whole: GraphQLSchema
  /** Fields of each type; the last type is Query. */
  readonly types: readonly { readonly name: string; readonly fields: readonly GeneratedField[] }[]
}

/** Entities of each type that there are. */
const entities = 3
const levels = ['LOW', 'HIGH'] as const

interface Entity {
  readonly __typename: string
  readonly id: string
}

/** Draws a graph: two to four subgraphs, entities behind an interface and a union, faults in some fields. */
export function generateGraph(draw: GeneratorValue, { faults = true } = {}): GeneratedGraph {
  const subgraphCount = draw(fc.integer, { min: 2, max: 4 })
  const typeCount = draw(fc.integer, { min: 1, max: 3 })
  const drawField = (prefix: string, index: number): GeneratedField => ({
    name: `${prefix}${index}`,
    kind: draw(
      fc.constantFrom,
      'String',
      'Int',
      'Float',
      'Boolean',
      'Level',
      'entity',
      'entity',
      'Node',
      'Thing',
    ) as FieldKind,
    of: draw(fc.integer, { min: 0, max: typeCount - 1 }),
    list: draw(fc.boolean),
    nonNull: draw(fc.boolean),
    fault: faults ? (draw(fc.constantFrom, 'none', 'none', 'none', 'null', 'throw') as Fault) : 'none',
    subgraph: draw(fc.integer, { min: 0, max: subgraphCount - 1 }),
  })
  const fieldsOf = (prefix: string, most: number): GeneratedField[] =>
    Array.from({ length: draw(fc.integer, { min: 2, max: most }) }, (_, index) => drawField(prefix, index))
  const types = Array.from({ length: typeCount }, (_, index) => ({
    name: `T${index}`,
    fields: fieldsOf(`t${index}f`, 6),
  }))
  // Root fields that lead into the graph, at least one from each subgraph.
  const query = {
    name: 'Query',
    fields: Array.from({ length: subgraphCount + 1 }, (_, index) => ({
      ...drawField('q', index),
      kind: draw(fc.constantFrom, 'entity', 'Node', 'Thing') as FieldKind,
      nonNull: false,
      subgraph: index % subgraphCount,
    })),
  }
  const all = [...types, query]
  return {
    types: all,
    subgraphs: Array.from({ length: subgraphCount }, (_, index) => toSubgraph(all, index)),
    whole: toSchema(all),
  }
}

/** The type of a field in SDL. */
function typeOf({ kind, of, list, nonNull }: GeneratedField): string {
  const named = kind === 'entity' ? `T${of}` : kind
  const type = list ? `[${named}]` : named
  return nonNull ? `${type}!` : type
}

function sdlOf(types: GeneratedGraph['types'], subgraph: number | null): string {
  const rule = subgraph === null ? '' : ' @authenticated'
  const objects = types.map(({ name, fields }) => {
    const isQuery = name === 'Query'
    const own = fields.filter((field) => subgraph === null || field.subgraph === subgraph)
    const lines = own.map((field) => `${field.name}(n: Int = 1): ${typeOf(field)}${isQuery ? rule : ''}`)
    if (isQuery) return `type Query { ${lines.join(' ')} }`
    const key = subgraph === null ? '' : ' @key(fields: "id") @authenticated'
    return `type ${name} implements Node${key} { id: ID! ${lines.join(' ')} }`
  })
  const names = types.slice(0, -1).map(({ name }) => name)
  return [
    ...objects,
    'interface Node { id: ID! }',
    `union Thing = ${names.join(' | ')}`,
    `enum Level { ${levels.join(' ')} }`,
  ].join('\n')
}

function toSubgraph(types: GeneratedGraph['types'], index: number): MiniSubgraph {
  const resolvers: Record<string, Record<string, unknown>> = {
    Node: { __resolveType: typenameOf },
    Thing: { __resolveType: typenameOf },
  }
  for (const { name, fields } of types) {
    const own = fields.filter(({ subgraph }) => subgraph === index)
    resolvers[name] = Object.fromEntries(own.map((field) => [field.name, resolverOf(types, name, field)]))
    if (name !== 'Query') resolvers[name]['__resolveReference'] = ({ id }: Entity) => ({ __typename: name, id })
  }
  return { name: `s${index}`, sdl: sdlOf(types, index), resolvers: resolvers as MiniSubgraph['resolvers'] }
}

function toSchema(types: GeneratedGraph['types']): GraphQLSchema {
  const schema = buildSchema(sdlOf(types, null))
  for (const { name, fields } of types) {
    const type = schema.getType(name)
    if (type === undefined || !('getFields' in type)) throw new Error(`no type ${name}`)
    for (const field of fields) {
      const definition = type.getFields()[field.name]
      if (definition && 'resolve' in definition) definition.resolve = resolverOf(types, name, field)
    }
  }
  for (const abstract of ['Node', 'Thing']) {
    const type = schema.getType(abstract)
    if (type && 'resolveType' in type) type.resolveType = typenameOf
  }
  return schema
}

const typenameOf: GraphQLTypeResolver<unknown, unknown> = (value) => (value as Entity).__typename

/** Values depend on the entity, the field and its argument alone, so every subgraph would answer the same. */
function resolverOf(types: GeneratedGraph['types'], typeName: string, field: GeneratedField) {
  return (parent: Partial<Entity> | undefined, { n = 1 }: { n?: number | null }): unknown => {
    const seed = hash(`${typeName}.${parent?.id ?? ''}.${field.name}.${n}`)
    if (field.fault !== 'none' && seed % 3 === 0) {
      if (field.fault === 'throw') throw new Error('a resolver that fails')
      // A null where there must be none is a fault of a resolver as well.
      return null
    }
    if (!field.list) return valueOf(types, field, seed)
    return Array.from({ length: seed % 4 }, (_, index) => valueOf(types, field, seed + index * 7))
  }
}

function valueOf(types: GeneratedGraph['types'], { kind, of }: GeneratedField, seed: number): unknown {
  switch (kind) {
    case 'String':
      return ['plain', 'quoted "text"', 'line\nbreak', 'Zürich \u{1F600}', 'back\\slash', ''][seed % 6]
    case 'Int':
      return (seed % 2_000) - 1_000
    case 'Float':
      return (seed % 1_000) / 8
    case 'Boolean':
      return seed % 2 === 0
    case 'Level':
      return levels[seed % 2]
    default: {
      const type = kind === 'entity' ? of : seed % (types.length - 1)
      return { __typename: `T${type}`, id: String(seed % entities) }
    }
  }
}

function hash(text: string): number {
  let value = 17
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003
  return value
}
