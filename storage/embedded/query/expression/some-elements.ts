import { CommandError } from '../../errors.ts'
import { compareValues } from '../compare-values.ts'
import { integerArgument } from '../integer-argument.ts'
import { isDoc, isNumber, typeOf } from '../value-type.ts'
import { type ExpressionOperator, type ExpressionOperators, isNullish } from './evaluate.ts'

type Choice = (elements: readonly unknown[], count: number) => unknown[]

/** An operator that takes `n` of the elements of `input`. */
function taking(choose: Choice): ExpressionOperator {
  return (operand, compile, name) => {
    if (!isDoc(operand)) {
      throw new CommandError('Location5787900', `specification must be an object; found ${name}: ${typeOf(operand)}`)
    }
    const unknown = Object.keys(operand).find((field) => field !== 'n' && field !== 'input')
    if (unknown !== undefined)
      throw new CommandError('Location5787901', `Unknown argument for ${name} operator: ${unknown}`)
    if (!('n' in operand)) throw new CommandError('Location5787906', `Missing value for 'n'`)
    if (!('input' in operand)) throw new CommandError('Location5787907', `Missing value for 'input'`)
    const count = compile(operand['n'])
    const input = compile(operand['input'])
    return (scope) => {
      const n = countOf(count(scope))
      const elements = input(scope)
      if (Array.isArray(elements)) return choose(elements, n)
      throw new CommandError('Location5788200', 'Input must be an array')
    }
  }
}

function countOf(value: unknown): number {
  if (!isNumber(value)) {
    throw new CommandError('Location5787902', `Value for 'n' must be of integral type, but found ${typeOf(value)}`)
  }
  const count = integerArgument(value)
  if (count === undefined) throw new CommandError('Location5787903', "Value for 'n' must be of integral type")
  if (count <= 0) throw new CommandError('Location5787908', `'n' must be greater than 0, found ${count}`)
  return count
}

function ordered(sign: 1 | -1): Choice {
  return (elements, count) =>
    elements
      .filter((element) => !isNullish(element))
      .toSorted((a, b) => compareValues(a, b) * sign)
      .slice(0, count)
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/firstN-array-element/ and its like. */
export const someElements: ExpressionOperators = {
  $firstN: taking((elements, count) => elements.slice(0, count)),
  $lastN: taking((elements, count) => elements.slice(-count)),
  $maxN: taking(ordered(-1)),
  $minN: taking(ordered(1)),
}
