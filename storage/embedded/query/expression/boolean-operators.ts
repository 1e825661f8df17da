import { CommandError } from '../../errors.ts'
import { typeOf } from '../value-type.ts'
import { type ExpressionOperator, type ExpressionOperators, isTrue, unary } from './evaluate.ts'

/** Stops at the first operand that decides. */
function shortCircuit(deciding: boolean): ExpressionOperator {
  return (operand, compile) => {
    const operands = (Array.isArray(operand) ? operand : [operand]).map((one: unknown) => compile(one))
    return (scope) => operands.some((evaluate) => isTrue(evaluate(scope)) === deciding) === deciding
  }
}

function arrayOfTruths(name: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  const code = name === '$allElementsTrue' ? 'Location17040' : 'Location17041'
  throw new CommandError(code, `${name}'s argument must be an array, but is ${typeOf(value)}`)
}

export const booleanOperators: ExpressionOperators = {
  $and: shortCircuit(false),
  $or: shortCircuit(true),
  $not: unary((value) => !isTrue(value)),
  $allElementsTrue: unary((value, name) => arrayOfTruths(name, value).every(isTrue)),
  $anyElementTrue: unary((value, name) => arrayOfTruths(name, value).some(isTrue)),
}
