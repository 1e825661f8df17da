import {
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
} from 'graphql'
import { readDirectives } from '../../kit/access-rule.ts'

type Field = GraphQLField<unknown, unknown>

/**
 * Coordinates of list fields whose size the cost estimate cannot bound: neither the field's own `@listSize` gives a
 * size, nor does that of every field that leads to its type name it in `sizedFields`, as connections do.
 */
export function findUnboundedLists(schema: GraphQLSchema): string[] {
  const types = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('_'))
  const all = types.flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
  return all
    .filter(({ field }) => isList(field.type) && !field.name.startsWith('_') && !hasSize(field))
    .filter(({ type, field }) => {
      const leading = all.filter((other) => getNamedType(other.field.type).name === type.name)
      return leading.length === 0 || !leading.every((other) => hasSize(other.field) && sizes(other.field, field.name))
    })
    .map(({ type, field }) => `${type.name}.${field.name}`)
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(getNullableType(type))
}

function hasSize(field: Field): boolean {
  const { assumedSize, slicingArguments } = listSize(field)
  return typeof assumedSize === 'number' || (Array.isArray(slicingArguments) && slicingArguments.length > 0)
}

function sizes(field: Field, child: string): boolean {
  const { sizedFields } = listSize(field)
  return Array.isArray(sizedFields) && sizedFields.includes(child)
}

function listSize(field: Field): Record<string, unknown> {
  return readDirectives(field.astNode?.directives).find(({ name }) => name === 'listSize')?.arguments ?? {}
}
