import { CommandError, type ErrorCodeName } from '../../errors.ts'
import { integerArgument } from '../integer-argument.ts'
import { typeOf } from '../value-type.ts'
import {
  type ExpressionOperator,
  type ExpressionOperators,
  isNullish,
  isTrue,
  namedOperands,
  type Scope,
} from './evaluate.ts'
import { checkVariableName } from './variable-operators.ts'

function inputArray(value: unknown, code: ErrorCodeName, name: string): readonly unknown[] | undefined {
  if (isNullish(value)) return undefined
  if (Array.isArray(value)) return value
  throw new CommandError(code, `input to ${name} must be an array not ${typeOf(value)}`)
}

function withVariable(scope: Scope, name: string, value: unknown): Scope {
  return { root: scope.root, variables: { name, value, outer: scope.variables } }
}

function variableName(as: unknown): string {
  if (as === undefined) return 'this'
  if (typeof as !== 'string') throw new CommandError('FailedToParse', "'as' must be a string")
  checkVariableName(as)
  return as
}

const filter: ExpressionOperator = (operand, compile, name) => {
  const given = namedOperands(operand, name, { required: ['input', 'cond'], optional: ['as', 'limit'] })
  const variable = variableName(given.as)
  const input = compile(given.input)
  const condition = compile(given.cond, [variable])
  const limit = given.limit === undefined ? undefined : compile(given.limit)
  return (scope) => {
    const array = inputArray(input(scope), 'Location28651', name)
    if (array === undefined) return null
    const most = limitOf(limit?.(scope))
    const kept: unknown[] = []
    for (const element of array) {
      if (kept.length >= most) break
      if (isTrue(condition(withVariable(scope, variable, element)))) kept.push(element)
    }
    return kept
  }
}

function limitOf(value: unknown): number {
  if (isNullish(value)) return Number.POSITIVE_INFINITY
  const limit = integerArgument(value)
  if (limit === undefined)
    throw new CommandError('Location327391', '$filter: limit must be represented as a 32-bit integral value')
  if (limit < 1) throw new CommandError('Location327392', '$filter: limit must be greater than 0')
  return limit
}

const map: ExpressionOperator = (operand, compile, name) => {
  const given = namedOperands(operand, name, { required: ['input', 'in'], optional: ['as'] })
  const variable = variableName(given.as)
  const input = compile(given.input)
  const body = compile(given.in, [variable])
  return (scope) => {
    const array = inputArray(input(scope), 'Location16883', name)
    return array?.map((element) => body(withVariable(scope, variable, element)) ?? null) ?? null
  }
}

const reduce: ExpressionOperator = (operand, compile, name) => {
  const given = namedOperands(operand, name, { required: ['input', 'initialValue', 'in'] })
  const input = compile(given.input)
  const initial = compile(given.initialValue)
  const body = compile(given.in, ['this', 'value'])
  return (scope) => {
    const array = inputArray(input(scope), 'Location40080', name)
    if (array === undefined) return null
    let value = initial(scope)
    for (const element of array) value = body(withVariable(withVariable(scope, 'value', value), 'this', element))
    return value
  }
}

/** The array operators that evaluate an expression once per element. */
export const arrayIterators: ExpressionOperators = { $filter: filter, $map: map, $reduce: reduce }
