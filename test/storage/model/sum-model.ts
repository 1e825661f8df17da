import { Decimal128, Double } from 'bson'
import {
  addExact,
  type Exact,
  exactly,
  finite,
  type NumberType,
  numberType,
  toDecimal,
  toDouble,
  toInteger,
  widest,
} from './numbers.ts'
import { Unspecified } from './unspecified.ts'

const zero = finite(0n)

/** `$sum`: what is no number is left out, the widest type wins, integers past 64 bits become a double. */
export function sum(values: readonly unknown[]): unknown {
  const numbers = values.filter((value) => numberType(value) !== undefined)
  const type = widest(numbers.map((value) => numberType(value) as NumberType))
  const others = totalOf(numbers.filter((value) => !(value instanceof Decimal128)))
  if (type === 'decimal') return decimalSum(numbers, others)
  if (type !== 'double' && others.kind === 'finite') {
    const whole = others.negative ? -others.digits : others.digits
    const integer = (type === 'int' ? toInteger(whole, 'int') : undefined) ?? toInteger(whole, 'long')
    if (integer !== undefined) return integer
  }
  return new Double(toDouble(others))
}

/** `$avg`: of numbers, in doubles or decimals; null where there are none. */
export function average(values: readonly unknown[]): unknown {
  const numbers = values.filter((value) => numberType(value) !== undefined)
  if (numbers.length === 0) return null
  const others = totalOf(numbers.filter((value) => !(value instanceof Decimal128)))
  if (!numbers.some((value) => value instanceof Decimal128)) return new Double(toDouble(others) / numbers.length)
  return divide(exactly(decimalSum(numbers, others)), numbers.length)
}

function totalOf(numbers: readonly unknown[]): Exact {
  return numbers.map(exactly).reduce(addExact, zero)
}

/** Decimals by themselves, and to them the rest: the nearest double of its sum, and what that leaves. */
function decimalSum(numbers: readonly unknown[], others: Exact): Decimal128 {
  const decimals = numbers
    .filter((value) => value instanceof Decimal128)
    .reduce<Exact>((total, one) => exactly(toDecimal(addExact(total, exactly(one)))), zero)
  const near = exactly(new Double(toDouble(others)))
  const left = others.kind === 'finite' && near.kind === 'finite' ? addExact(others, negated(near)) : zero
  if (left.kind === 'finite' && exactDouble(left) === undefined) throw new Unspecified('a sum of too many digits')
  const rest = toDecimal(addExact(exactly(toDecimal(near)), exactly(toDecimal(left))))
  return toDecimal(addExact(decimals, exactly(rest)))
}

function negated(number: Exact & { kind: 'finite' }): Exact {
  return { ...number, negative: !number.negative }
}

function exactDouble(number: Exact): number | undefined {
  const double = toDouble(number)
  const difference = addExact(exactly(new Double(double)), negated(number as Exact & { kind: 'finite' }))
  return difference.kind === 'finite' && difference.digits === 0n ? double : undefined
}

/** To 34 digits, or exactly, then with no more of them than are needed and an exponent near that of the sum. */
function divide(total: Exact, count: number): Decimal128 {
  if (total.kind !== 'finite') return toDecimal(total)
  if (total.digits === 0n) return toDecimal(total)
  const more = 60
  const scaled = total.digits * 10n ** BigInt(more)
  let [digits, exponent] = [scaled / BigInt(count), total.exponent - more]
  // What is left over cannot be a tie: one digit more says that there is something.
  if (scaled % BigInt(count) !== 0n) [digits, exponent] = [digits * 10n + 1n, exponent - 1]
  while (digits % 10n === 0n && exponent < total.exponent) [digits, exponent] = [digits / 10n, exponent + 1]
  return toDecimal({ kind: 'finite', negative: total.negative, digits, exponent })
}
