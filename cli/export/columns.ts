import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { UsageError } from '../usage-error.ts'

/** A column of an export: the names of the fields from a node to its value. */
export type Column = readonly string[]

/** Reads `id,name,tier.name`, checked against the type of the nodes. */
export function readColumns(type: GraphQLObjectType, text: string): Column[] {
  return text.split(',').map((name) => {
    const path = name.trim().split('.')
    requireLeaf(type, path)
    return path
  })
}

/**
 * The columns of a type when none are named: its plain values, those of amounts and other small objects without an id
 * of their own, and the ids of what it refers to.
 */
export function defaultColumns(type: GraphQLObjectType): Column[] {
  return Object.values(type.getFields()).flatMap((field): Column[] => {
    if (field.args.some(isRequiredArgument)) return []
    const inner = getNamedType(field.type)
    if (isLeafType(inner)) return [[field.name]]
    if (!isObjectType(inner) || isListType(getNullableType(field.type)) || field.args.length > 0) return []
    const fields = inner.getFields()
    if ('id' in fields) return [[field.name, 'id']]
    return Object.values(fields).flatMap((part) =>
      isLeafType(getNamedType(part.type)) && part.args.length === 0 ? [[field.name, part.name]] : [],
    )
  })
}

/** The selection of columns, for example `id tier { name }`. */
export function selectionOf(columns: readonly Column[]): string {
  const groups = new Map<string, Column[]>()
  for (const [first = '', ...rest] of columns) groups.set(first, [...(groups.get(first) ?? []), rest])
  return [...groups]
    .map(([name, rests]) => {
      const inner = rests.filter((rest) => rest.length > 0)
      return inner.length === 0 ? name : `${name} { ${selectionOf(inner)} }`
    })
    .join(' ')
}

/** The value of a column of a node; lists and whatever lies within them as JSON. */
export function valueOf(node: unknown, column: Column): string | number | boolean | null {
  let value: unknown = node
  for (const [place, name] of column.entries()) {
    if (Array.isArray(value)) {
      const rest = column.slice(place)
      value = value.map((item) => valueOf(item, rest))
      break
    }
    value = (value as Record<string, unknown> | null | undefined)?.[name] ?? null
  }
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  return JSON.stringify(value)
}

function fieldsOf(type: GraphQLNamedType): object {
  return isObjectType(type) ? type.getFields() : {}
}

function requireLeaf(type: GraphQLObjectType, path: readonly string[]): void {
  let current = type
  for (const [place, name] of path.entries()) {
    const field: GraphQLField<unknown, unknown> | undefined = current.getFields()[name]
    const shown = path.join('.')
    if (field === undefined) {
      throw new UsageError(
        `${current.name} has no field ${name} (in ${shown}). It has ${Object.keys(current.getFields()).join(', ')}.`,
      )
    }
    if (field.args.some(isRequiredArgument)) throw new UsageError(`${shown} needs arguments and cannot be a column.`)
    const inner = getNamedType(field.type)
    if (place === path.length - 1) {
      if (isLeafType(inner)) return
      throw new UsageError(
        `${shown} has the type ${inner.name}; name one of its fields, such as ${shown}.${Object.keys(fieldsOf(inner))[0]}.`,
      )
    }
    if (!isObjectType(inner)) throw new UsageError(`${name} has no fields (in ${shown}).`)
    if (inner.name.endsWith('Connection')) {
      throw new UsageError(`${shown} lies in a list with pages of its own; export that list by itself.`)
    }
    current = inner
  }
}
