import { type GraphQLSchema, type OperationDefinitionNode, getVariableValues } from 'graphql'
import { CodedError } from '../../kit/errors.ts'
import type { Variables } from '../request.ts'
import { isDeeperThan } from './nesting.ts'
import { withoutSuggestion } from './without-suggestion.ts'

/** Levels of nesting that a variable's value may have; recursion over values must not exhaust the stack. */
const maximumDepth = 32

const noVariables: Variables = Object.freeze(Object.create(null) as Record<string, unknown>)

/** The variables of an operation, checked against their types and with defaults filled in. Throws BAD_USER_INPUT. */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Variables,
): Variables {
  if (isDeeperThan(variables, maximumDepth)) {
    throw new CodedError('BAD_USER_INPUT', `Variables may be nested ${maximumDepth} levels deep.`)
  }
  const { variableDefinitions = [] } = operation
  if (variableDefinitions.length === 0) return noVariables
  // Own properties only: a variable named `constructor` must not find what every object inherits.
  const own = Object.assign(Object.create(null) as Record<string, unknown>, variables)
  const { coerced, errors } = getVariableValues(schema, variableDefinitions, own, { maxErrors: 5 })
  if (coerced) return Object.assign(Object.create(null) as Record<string, unknown>, coerced)
  throw new CodedError('BAD_USER_INPUT', withoutSuggestion(errors[0]?.message ?? 'The variables are not valid.'))
}
