import { Int32, Long } from 'bson'
import { CommandError } from '../../errors.ts'
import { integerOf, integerResult } from '../arithmetic.ts'
import { typeOf } from '../value-type.ts'
import { type ExpressionOperator, type ExpressionOperators, isNullish, unary, variadic } from './evaluate.ts'

/** Combines whole numbers bit by bit: an Int32 while all are, else a Long. */
function combining(empty: number, combine: (a: bigint, b: bigint) => bigint): ExpressionOperator {
  return variadic((values, name) => {
    let bits = BigInt(empty)
    let narrow = true
    let missing = false
    for (const value of values) {
      if (isNullish(value)) {
        missing = true
        continue
      }
      checkWhole(value, name)
      narrow &&= typeOf(value) === 'int'
      bits = combine(bits, integerOf(value))
    }
    if (missing) return null
    return narrow ? new Int32(Number(bits)) : Long.fromBigInt(bits)
  })
}

function checkWhole(value: unknown, name: string): void {
  if (['int', 'long'].includes(typeOf(value))) return
  throw new CommandError('TypeMismatch', `${name} only supports int and long operands, not ${typeOf(value)}.`)
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation-bitwise/ */
export const bitOperators: ExpressionOperators = {
  $bitAnd: combining(-1, (a, b) => a & b),
  $bitOr: combining(0, (a, b) => a | b),
  $bitXor: combining(0, (a, b) => a ^ b),
  $bitNot: unary((value, name) => {
    if (isNullish(value)) return null
    checkWhole(value, name)
    return integerResult(~integerOf(value), typeOf(value) === 'int')
  }),
}
