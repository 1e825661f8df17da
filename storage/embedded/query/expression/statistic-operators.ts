import { NumberSum } from '../number-sum.ts'
import { compareOperands, type ExpressionOperator, type ExpressionOperators, isNullish, variadic } from './evaluate.ts'

/** One operand that is an array stands for its elements. */
function overElements(apply: (values: readonly unknown[]) => unknown): ExpressionOperator {
  return variadic((values) => {
    const [only] = values
    return apply(values.length === 1 && Array.isArray(only) ? only : values)
  })
}

function summed(values: readonly unknown[]): NumberSum {
  const sum = new NumberSum()
  for (const value of values) sum.add(value)
  return sum
}

function extreme(sign: 1 | -1): ExpressionOperator {
  return overElements((values) => {
    let best: unknown = null
    for (const value of values) {
      if (!isNullish(value) && (best === null || compareOperands(value, best) * sign > 0)) best = value
    }
    return best
  })
}

export const statisticOperators: ExpressionOperators = {
  $sum: overElements((values) => summed(values).total()),
  $avg: overElements((values) => summed(values).average()),
  $min: extreme(-1),
  $max: extreme(1),
}
