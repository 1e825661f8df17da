import { Decimal128, Double, Int32 } from 'bson'
import { CommandError } from '../../errors.ts'
import { add, type BsonNumber, integerOf, integerResult, multiply, subtract } from '../arithmetic.ts'
import { asDecimal128, toDecimal128 } from '../decimal128.ts'
import { divideExact, remainderExact } from '../decimal-division.ts'
import { exactDecimal } from '../exact-decimal.ts'
import { equalTo } from '../filter/comparison.ts'
import { doubleArgument, truncated } from '../integer-argument.ts'
import { isNumber, typeOf } from '../value-type.ts'
import { type ExpressionOperators, isNullish, positional, variadic } from './evaluate.ts'
import { checkedDate } from './checked-date.ts'

const isZero = equalTo(0)

/** The sum of numbers, of which a Long overflow becomes a double, as MongoDB has it. */
export function addOrWiden(a: unknown, b: unknown): BsonNumber {
  const sum = add(a, b)
  return sum === 'overflow' ? new Double((doubleArgument(a) as number) + (doubleArgument(b) as number)) : sum
}

function sumOf(values: readonly unknown[]): unknown {
  let sum: BsonNumber = new Int32(0)
  let date: Date | undefined
  if (values.some(isNullish)) return null
  for (const value of values) {
    if (value instanceof Date) {
      if (date !== undefined) throw new CommandError('Location16612', 'only one date allowed in an $add expression')
      date = value
    } else if (isNumber(value)) {
      sum = addOrWiden(sum, value)
    } else {
      throw new CommandError('TypeMismatch', `$add only supports numeric or date types, not ${typeOf(value)}`)
    }
  }
  return date === undefined ? sum : shifted(date, sum)
}

function shifted(date: Date, milliseconds: unknown): Date {
  const rounded = Math.round(doubleArgument(milliseconds) as number)
  return checkedDate(date.getTime() + rounded)
}

function differenceOf([a, b]: readonly unknown[]): unknown {
  if (isNullish(a) || isNullish(b)) return null
  if (a instanceof Date && b instanceof Date) return integerResult(BigInt(a.getTime() - b.getTime()), false)
  if (a instanceof Date && isNumber(b)) return shifted(a, new Double(-(doubleArgument(b) as number)))
  if (!isNumber(a) || !isNumber(b)) {
    throw new CommandError('TypeMismatch', `can't $subtract ${typeOf(b)} from ${typeOf(a)}`)
  }
  const result = subtract(a, b)
  return result === 'overflow' ? new Double((doubleArgument(a) as number) - (doubleArgument(b) as number)) : result
}

function productOf(values: readonly unknown[]): unknown {
  if (values.some(isNullish)) return null
  let product: BsonNumber = new Int32(1)
  for (const value of values) {
    if (!isNumber(value)) {
      throw new CommandError('TypeMismatch', `$multiply only supports numeric types, not ${typeOf(value)}`)
    }
    const next = multiply(product, value)
    product =
      next === 'overflow' ? new Double((doubleArgument(product) as number) * (doubleArgument(value) as number)) : next
  }
  return product
}

function quotientOf([a, b]: readonly unknown[]): unknown {
  if (isNullish(a) || isNullish(b)) return null
  if (!isNumber(a) || !isNumber(b)) {
    throw new CommandError('TypeMismatch', `$divide only supports numeric types, not ${typeOf(a)} and ${typeOf(b)}`)
  }
  if (isZero(b)) throw new CommandError('BadValue', "can't $divide by zero")
  if (a instanceof Decimal128 || b instanceof Decimal128) return divideExact(asDecimal128(a), asDecimal128(b))
  return new Double((doubleArgument(a) as number) / (doubleArgument(b) as number))
}

function remainderOf([a, b]: readonly unknown[]): unknown {
  if (isNullish(a) || isNullish(b)) return null
  if (!isNumber(a) || !isNumber(b)) {
    throw new CommandError('Location16611', `$mod only supports numeric types, not ${typeOf(a)} and ${typeOf(b)}`)
  }
  if (isZero(b)) throw new CommandError('Location16610', "can't $mod by zero")
  if (a instanceof Decimal128 || b instanceof Decimal128) {
    return toDecimal128(remainderExact(exactDecimal(asDecimal128(a)), exactDecimal(asDecimal128(b))))
  }
  const types = [typeOf(a), typeOf(b)]
  const divisor = doubleArgument(b) as number
  // A double that is a whole 32-bit number counts as one, because some clients know no other numbers.
  const isWhole = !types.includes('double') || (types[0] !== 'double' && (divisor | 0) === divisor)
  if (!isWhole) return new Double((doubleArgument(a) as number) % divisor)
  return integerResult(integerOf(a) % (truncated(b) as bigint), !types.includes('long'))
}

export const arithmeticOperators: ExpressionOperators = {
  $add: variadic(sumOf),
  $subtract: positional(2, 2, differenceOf),
  $multiply: variadic(productOf),
  $divide: positional(2, 2, quotientOf),
  $mod: positional(2, 2, remainderOf),
}
