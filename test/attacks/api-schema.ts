import { readFileSync } from 'node:fs'
import {
  type GraphQLField,
  type GraphQLObjectType,
  buildSchema,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'

export type Field = GraphQLField<unknown, unknown>

/** The schema that callers see. */
export const apiSchema = buildSchema(readFileSync(new URL('../../schema/api.graphql', import.meta.url), 'utf8'))

/** A way through the schema: fields of objects, one after the other, from a root type. */
export type Path = readonly Field[]

/** Gives the arguments of a field as SDL, `''` for none; null where the field cannot be asked for. */
export type ArgumentsOf = (field: Field, on: GraphQLObjectType) => string | null

export function objectTypeOf(field: Field): GraphQLObjectType | null {
  const named = getNamedType(field.type)
  if (isAbstractType(named)) throw new Error(`${named.name} is abstract: teach the walk to ask for its types`)
  return isObjectType(named) ? named : null
}

/** The leaves of a type that need no argument. */
export function leavesOf(type: GraphQLObjectType): Field[] {
  return Object.values(type.getFields()).filter(
    ({ type: inner, args }) => isLeafType(getNamedType(inner)) && !args.some(isRequiredArgument),
  )
}

/** Ways from a root type that take every field, and every `length` fields that can follow each other, the short first. */
export function pathsThrough(root: GraphQLObjectType, argumentsOf: ArgumentsOf, length: number): Path[] {
  const seen = new Set<string>()
  const paths: { readonly path: Path; readonly names: readonly string[] }[] = [{ path: [], names: [] }]
  for (const { path, names } of paths) {
    const last = path.at(-1)
    const type = last === undefined ? root : objectTypeOf(last)
    if (type === null) continue
    for (const field of Object.values(type.getFields())) {
      if (objectTypeOf(field) === null || argumentsOf(field, type) === null) continue
      const extended = [...names, `${type.name}.${field.name}`]
      const key = extended.slice(-length).join()
      if (seen.has(key)) continue
      seen.add(key)
      paths.push({ path: [...path, field], names: extended })
    }
  }
  return paths.slice(1).map(({ path }) => path)
}

interface Selection {
  readonly type: GraphQLObjectType
  readonly inner: Map<Field, Selection>
}

const mostFields = 900
const mostRootFields = 30

/** Documents that take all paths, with all leaves on the way, each within what one operation may ask for. */
export function documentsOf(root: GraphQLObjectType, paths: readonly Path[], argumentsOf: ArgumentsOf): string[] {
  const documents: string[] = []
  let all: Selection = { type: root, inner: new Map() }
  let fields = 0
  const close = (): void => {
    if (all.inner.size > 0) documents.push(print(all, argumentsOf))
    all = { type: root, inner: new Map() }
    fields = 0
  }
  for (const path of paths) {
    const cost = path.reduce((sum, field) => sum + 2 + leavesOf(objectTypeOf(field) ?? root).length, 0)
    if (fields + cost > mostFields || all.inner.size >= mostRootFields - 1) close()
    let at = all
    for (const field of path) {
      let inner = at.inner.get(field)
      if (inner === undefined) {
        const type = objectTypeOf(field)
        if (type === null) throw new Error(`${field.name} is no object`)
        inner = { type, inner: new Map() }
        at.inner.set(field, inner)
        fields += 2 + leavesOf(type).length
      }
      at = inner
    }
  }
  close()
  return documents
}

/** The leaves of a type and of the objects below it: what a question for one record would want. */
export function wholeOf(type: GraphQLObjectType, argumentsOf: ArgumentsOf): string {
  const below = Object.values(type.getFields()).flatMap((field) => {
    const inner = objectTypeOf(field)
    const args = argumentsOf(field, type)
    if (inner === null || args === null) return []
    const nodes = inner.getFields()['nodes']
    const node = nodes && objectTypeOf(nodes)
    const listed = node ? ` nodes { __typename ${leafNames(node)} }` : ''
    return [`${field.name}${args} { __typename ${leafNames(inner)}${listed} }`]
  })
  return `{ __typename ${leafNames(type)} ${below.join(' ')} }`
}

function leafNames(type: GraphQLObjectType): string {
  return leavesOf(type)
    .map(({ name }) => name)
    .join(' ')
}

function print({ type, inner }: Selection, argumentsOf: ArgumentsOf): string {
  const leaves = type === apiSchema.getQueryType() ? [] : [leafNames(type)]
  const objects = [...inner].map(
    ([field, below]) => `${field.name}${argumentsOf(field, type) ?? ''} ${print(below, argumentsOf)}`,
  )
  return `{ __typename ${[...leaves, ...objects].join(' ')} }`
}
