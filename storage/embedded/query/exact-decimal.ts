import { Decimal128, Double, Int32 } from 'bson'
import { CommandError } from '../errors.ts'
import { isLong } from './value-type.ts'

/** A number without rounding: coefficient times ten to the exponent, or one of the three that are not finite. */
export type ExactDecimal = {
  kind: 'nan' | 'infinite' | 'finite'
  coefficient: bigint
  exponent: number
  /** Zero with a minus sign, which only calculating with decimals makes a difference of. */
  minusZero?: boolean
}

const float = new DataView(new ArrayBuffer(8))
const nan: ExactDecimal = { kind: 'nan', coefficient: 0n, exponent: 0 }
const largestCoefficient = 10n ** 34n - 1n

/** The exact value of any BSON number. An infinity has the coefficient 1 or -1. */
export function exactDecimal(value: unknown): ExactDecimal {
  if (value instanceof Int32) return finite(BigInt(value.value), 0)
  if (value instanceof Double) return exactDouble(value.value)
  if (isLong(value)) return finite(value.toBigInt(), 0)
  if (value instanceof Decimal128) return exactDecimal128(value)
  if (typeof value === 'number') return exactDouble(value)
  if (typeof value === 'bigint') return finite(value, 0)
  throw new CommandError('TypeMismatch', 'a number is needed')
}

/** The same value with no trailing zeros in the coefficient, so that equal numbers have one form. */
export function normalized(value: ExactDecimal): ExactDecimal {
  let { coefficient, exponent } = value
  if (coefficient === 0n) return { ...value, exponent: 0 }
  while (coefficient % 10n === 0n) {
    coefficient /= 10n
    exponent += 1
  }
  return { ...value, coefficient, exponent }
}

/** Compares two exact numbers: NaN first, then by value. */
export function compareExact(a: ExactDecimal, b: ExactDecimal): number {
  if (a.kind === 'nan' || b.kind === 'nan') return Number(a.kind !== 'nan') - Number(b.kind !== 'nan')
  const sign = signOf(a)
  if (sign !== signOf(b)) return sign < signOf(b) ? -1 : 1
  if (sign === 0) return 0
  if (a.kind === 'infinite' || b.kind === 'infinite') {
    const order = Number(a.kind === 'infinite') - Number(b.kind === 'infinite')
    return order === 0 ? 0 : sign * order
  }
  // Magnitudes first: scaling 1E+6000 to the exponent of 1E-6000 would cost a number of 12,000 digits.
  const magnitude = magnitudeOf(a) - magnitudeOf(b)
  if (magnitude !== 0) return magnitude < 0 ? -sign : sign
  const exponent = Math.min(a.exponent, b.exponent)
  const x = a.coefficient * 10n ** BigInt(a.exponent - exponent)
  const y = b.coefficient * 10n ** BigInt(b.exponent - exponent)
  return x < y ? -1 : x > y ? 1 : 0
}

function signOf(value: ExactDecimal): number {
  return value.coefficient < 0n ? -1 : value.coefficient > 0n ? 1 : 0
}

function magnitudeOf(value: ExactDecimal): number {
  const digits = value.coefficient.toString().length - (value.coefficient < 0n ? 1 : 0)
  return digits + value.exponent
}

function finite(coefficient: bigint, exponent: number): ExactDecimal {
  return { kind: 'finite', coefficient, exponent }
}

function exactDouble(value: number): ExactDecimal {
  if (Number.isNaN(value)) return nan
  if (!Number.isFinite(value)) return { kind: 'infinite', coefficient: value < 0 ? -1n : 1n, exponent: 0 }
  if (Number.isSafeInteger(value)) return finite(BigInt(value), 0)
  float.setFloat64(0, value)
  const bits = float.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n)
  const power = (biased === 0 ? 1 : biased) - 1075
  const signed = value < 0 ? -mantissa : mantissa
  // m / 2^n is m * 5^n / 10^n, so every double has a finite decimal form.
  return power >= 0 ? finite(signed << BigInt(power), 0) : finite(signed * 5n ** BigInt(-power), power)
}

function exactDecimal128(value: Decimal128): ExactDecimal {
  const view = new DataView(value.bytes.buffer, value.bytes.byteOffset, 16)
  const high = view.getBigUint64(8, true)
  const negative = high >> 63n === 1n
  const combination = Number((high >> 58n) & 0x1fn)
  if (combination === 0x1f) return nan
  if (combination === 0x1e) return { kind: 'infinite', coefficient: negative ? -1n : 1n, exponent: 0 }
  // The second layout of IEEE 754 only holds coefficients over 34 digits, which count as zero.
  const secondLayout = combination >> 3 === 3
  const exponent = Number((high >> (secondLayout ? 47n : 49n)) & 0x3fffn) - 6176
  const coefficient = secondLayout ? 0n : ((high & 0x1ffffffffffffn) << 64n) | view.getBigUint64(0, true)
  if (coefficient > largestCoefficient || coefficient === 0n) {
    return { kind: 'finite', coefficient: 0n, exponent, minusZero: negative }
  }
  return finite(negative ? -coefficient : coefficient, exponent)
}
