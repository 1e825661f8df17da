import {
  type GraphQLSchema,
  type OperationDefinitionNode,
  isListType,
  isNonNullType,
  isInputObjectType,
  typeFromAST,
  valueFromAST,
  type GraphQLInputType,
  isInputType,
} from 'graphql'
import { conditionVariables } from '../../gateway/operation/settle-conditions.ts'
import type { Variables } from '../../gateway/request.ts'

/** Each doubles the number of ways in which an operation is looked at. */
const mostConditions = 4

/**
 * Variables for an operation of which nobody says with which it is asked: defaults where it has them, and nothing where
 * it may have nothing, so that lists are as long as their arguments' defaults or `@listSize` say. What it must have has
 * some value that is no number, which leaves the size of lists to `@listSize` too. One for each combination of what
 * `@skip` and `@include` may ask.
 */
export function assumedVariables(schema: GraphQLSchema, operation: OperationDefinitionNode): Variables[] {
  const known = new Map<string, unknown>()
  for (const { variable, type: node, defaultValue } of operation.variableDefinitions ?? []) {
    const type = typeFromAST(schema, node)
    if (!isInputType(type)) continue
    if (defaultValue) known.set(variable.name.value, valueFromAST(defaultValue, type))
    else if (isNonNullType(type)) known.set(variable.name.value, someValue(type))
  }
  const unsaid = conditionVariables(operation).filter((name) => typeof known.get(name) !== 'boolean')
  let all: Variables[] = [Object.fromEntries([...known, ...unsaid.map((name) => [name, true] as const)])]
  for (const name of unsaid.slice(0, mostConditions)) {
    all = all.flatMap((variables) => [variables, { ...variables, [name]: false }])
  }
  return all
}

function someValue(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return someValue(type.ofType)
  if (isListType(type)) return [someValue(type.ofType)]
  return isInputObjectType(type) ? {} : ''
}
