import { Decimal128, Double, Int32, Long } from 'bson'
import { asDecimal128, toDecimal128 } from './decimal128.ts'
import { exactDecimal, type ExactDecimal } from './exact-decimal.ts'
import { doubleArgument } from './integer-argument.ts'
import { isLong, typeOf } from './value-type.ts'

export type BsonNumber = Int32 | Long | Double | Decimal128

/** Sums two numbers in the wider of their types; an Int32 sum that does not fit becomes a Long. */
export function add(a: unknown, b: unknown): BsonNumber | 'overflow' {
  return calculate(a, b, addition)
}

/** Subtracts, typed as {@link add}. */
export function subtract(a: unknown, b: unknown): BsonNumber | 'overflow' {
  return calculate(a, b, subtraction)
}

/** Multiplies, typed as {@link add}. */
export function multiply(a: unknown, b: unknown): BsonNumber | 'overflow' {
  return calculate(a, b, multiplication)
}

/** The integer as an Int32 where `narrow` allows and it fits, as a Long where that fits, else undefined. */
export function integerResult(value: bigint, narrow: boolean): Int32 | Long | undefined {
  if (narrow && BigInt.asIntN(32, value) === value) return new Int32(Number(value))
  return BigInt.asIntN(64, value) === value ? Long.fromBigInt(value) : undefined
}

/** An Int32 or Long as a bigint. */
export function integerOf(value: unknown): bigint {
  if (isLong(value)) return value.toBigInt()
  return BigInt(value instanceof Int32 ? value.value : (value as number | bigint))
}

type Operation = {
  integers(a: bigint, b: bigint): bigint
  doubles(a: number, b: number): number
  decimals(a: ExactDecimal, b: ExactDecimal): ExactDecimal
}

const addition: Operation = { integers: (x, y) => x + y, doubles: (x, y) => x + y, decimals: addExact }
const subtraction: Operation = { integers: (x, y) => x - y, doubles: (x, y) => x - y, decimals: subtractExact }
const multiplication: Operation = { integers: (x, y) => x * y, doubles: (x, y) => x * y, decimals: multiplyExact }

function calculate(a: unknown, b: unknown, operation: Operation): BsonNumber | 'overflow' {
  const types = [typeOf(a), typeOf(b)]
  if (types.includes('decimal')) {
    return toDecimal128(operation.decimals(exactDecimal(asDecimal128(a)), exactDecimal(asDecimal128(b))))
  }
  if (types.includes('double'))
    return new Double(operation.doubles(doubleArgument(a) as number, doubleArgument(b) as number))
  const narrow = !types.includes('long')
  return integerResult(operation.integers(integerOf(a), integerOf(b)), narrow) ?? 'overflow'
}

const nan: ExactDecimal = { kind: 'nan', coefficient: 0n, exponent: 0 }

function addExact(a: ExactDecimal, b: ExactDecimal): ExactDecimal {
  if (a.kind === 'nan' || b.kind === 'nan') return nan
  if (a.kind === 'infinite') return b.kind === 'infinite' && a.coefficient !== b.coefficient ? nan : a
  if (b.kind === 'infinite') return b
  const exponent = Math.min(a.exponent, b.exponent)
  const x = a.coefficient * 10n ** BigInt(a.exponent - exponent)
  const coefficient = x + b.coefficient * 10n ** BigInt(b.exponent - exponent)
  return { kind: 'finite', coefficient, exponent, minusZero: isNegative(a) && isNegative(b) }
}

function isNegative({ coefficient, minusZero }: ExactDecimal): boolean {
  return coefficient < 0n || (coefficient === 0n && minusZero === true)
}

function subtractExact(a: ExactDecimal, b: ExactDecimal): ExactDecimal {
  return addExact(a, { ...b, coefficient: -b.coefficient, minusZero: b.coefficient === 0n && b.minusZero !== true })
}

function multiplyExact(a: ExactDecimal, b: ExactDecimal): ExactDecimal {
  if (a.kind === 'nan' || b.kind === 'nan') return nan
  const coefficient = a.coefficient * b.coefficient
  if (a.kind === 'infinite' || b.kind === 'infinite') {
    if (coefficient === 0n) return nan
    return { kind: 'infinite', coefficient: coefficient < 0n ? -1n : 1n, exponent: 0 }
  }
  return { kind: 'finite', coefficient, exponent: a.exponent + b.exponent, minusZero: isNegative(a) !== isNegative(b) }
}
