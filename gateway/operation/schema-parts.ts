import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import type { OperationCoordinates } from './operation-coordinates.ts'

/**
 * How a schema defines the parts that an operation uses, as one text: equal texts of two schemas mean that the operation
 * is valid and means the same in both. Which subgraph has a field, what it costs and how it is described are no part of
 * it. Null when the schema has not all of them.
 */
export function describeSchemaParts(schema: GraphQLSchema, { coordinates }: OperationCoordinates): string | null {
  const lines: string[] = []
  const inputs = new Set<GraphQLInputType>()
  const describeInput = (type: GraphQLInputType): void => {
    const named = getNamedType(type)
    if (inputs.has(named)) return
    inputs.add(named)
    if (isEnumType(named)) lines.push(`enum ${named.name} ${namesOf(named.getValues())}`)
    if (!isInputObjectType(named)) return
    for (const field of Object.values(named.getFields())) {
      lines.push(`${named.name}.${field.name}: ${String(field.type)} = ${JSON.stringify(field.defaultValue)}`)
      describeInput(field.type)
    }
  }
  for (const coordinate of coordinates) {
    const [typeName = '', fieldName = '', argumentName] = coordinate.split(/[.(:]/)
    const type = schema.getType(typeName)
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined
    if (field === undefined) return null
    if (argumentName !== undefined) {
      const argument = field.args.find(({ name }) => name === argumentName)
      if (argument === undefined) return null
      lines.push(`${coordinate} ${String(argument.type)} = ${JSON.stringify(argument.defaultValue)}`)
      describeInput(argument.type)
      continue
    }
    const answered = getNamedType(field.type)
    lines.push(`${coordinate}: ${String(field.type)}(${namesOf(field.args.filter(isRequiredArgument))})`)
    if (isEnumType(answered)) lines.push(`enum ${answered.name} ${namesOf(answered.getValues())}`)
  }
  return lines.join('\n')
}

function namesOf(parts: readonly { readonly name: string }[]): string {
  return parts
    .map(({ name }) => name)
    .toSorted()
    .join(' ')
}
