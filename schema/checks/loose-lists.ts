import {
  type GraphQLField,
  type GraphQLSchema,
  GraphQLInt,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { readDirectives } from '../../kit/access-rule.ts'
import { pageSize } from '../../kit/connection.ts'
import { objectTypes } from './unguarded.ts'

/**
 * Lists whose `@listSize` bounds less than the house allows: more items than a page may have, a slicing argument that
 * is not there, that may be left out without a default, or whose default is no page.
 */
export function findLooseLists(schema: GraphQLSchema): string[] {
  return objectTypes(schema).flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) =>
      looseness(field).map((why) => `${type.name}.${field.name} ${why}.`),
    ),
  )
}

function looseness(field: GraphQLField<unknown, unknown>): string[] {
  const size = readDirectives(field.astNode?.directives).find(({ name }) => name === 'listSize')?.arguments
  const returned = getNamedType(field.type)
  const isPage = isObjectType(returned) && 'pageInfo' in returned.getFields()
  const paged = isPage || (isListType(getNullableType(field.type)) && field.args.some(({ name }) => name === 'first'))
  if (size === undefined) return paged ? ['answers pages and has no @listSize'] : []
  const { assumedSize, slicingArguments } = size
  const slicing = Array.isArray(slicingArguments) ? slicingArguments.map(String) : []
  return [
    ...(typeof assumedSize === 'number' && (assumedSize < 1 || assumedSize > pageSize.max)
      ? [`assumes ${assumedSize} items, and a list has 1 to ${pageSize.max}`]
      : []),
    ...(paged && !slicing.includes('first') ? ['answers pages, and its @listSize does not count by `first`'] : []),
    ...slicing.flatMap((name) => {
      const argument = field.args.find((candidate) => candidate.name === name)
      if (argument === undefined || getNullableType(argument.type) !== GraphQLInt)
        return [`has no slicing argument ${name}`]
      const { defaultValue } = argument
      const isSize = typeof defaultValue === 'number' && defaultValue >= 1 && defaultValue <= pageSize.max
      return isSize || isRequiredArgument(argument) ? [] : [`has no default of ${name} from 1 to ${pageSize.max}`]
    }),
  ]
}
