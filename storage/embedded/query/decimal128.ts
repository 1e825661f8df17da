import { Decimal128, Double } from 'bson'
import { exactDecimal, type ExactDecimal } from './exact-decimal.ts'

const largestExponent = 6111
const smallestExponent = -6176
const precision = 34

/** The Decimal128 nearest to an exact number, ties to the even digit as IEEE 754 and MongoDB do. */
export function toDecimal128(value: ExactDecimal): Decimal128 {
  if (value.kind === 'nan') return Decimal128.fromString('NaN')
  const negative = value.coefficient < 0n || (value.coefficient === 0n && value.minusZero === true)
  if (value.kind === 'infinite') return Decimal128.fromString(negative ? '-Infinity' : 'Infinity')
  let coefficient = value.coefficient < 0n ? -value.coefficient : value.coefficient
  let { exponent } = value
  const surplus = Math.max(coefficient.toString().length - precision, smallestExponent - exponent)
  if (surplus > 0) {
    coefficient = roundedQuotient(coefficient, surplus)
    exponent += surplus
    // Rounding 99…9 up gives one digit too many.
    if (coefficient.toString().length > precision) {
      coefficient /= 10n
      exponent += 1
    }
  }
  if (coefficient === 0n) exponent = Math.min(exponent, largestExponent)
  while (exponent > largestExponent && coefficient.toString().length < precision) {
    coefficient *= 10n
    exponent -= 1
  }
  if (exponent > largestExponent) return Decimal128.fromString(negative ? '-Infinity' : 'Infinity')
  return fromParts(negative, coefficient, exponent)
}

/** A double as Decimal128 with MongoDB's 15 significant digits, any other number exactly. */
export function asDecimal128(value: unknown): Decimal128 {
  if (value instanceof Decimal128) return value
  const double = value instanceof Double ? value.value : value
  if (typeof double !== 'number' || !Number.isFinite(double)) return toDecimal128(exactDecimal(value))
  if (double === 0) return Decimal128.fromString(Object.is(double, -0) ? '-0' : '0')
  return Decimal128.fromString(double.toPrecision(15))
}

/** As bson, which reads no longer numbers: the time to parse grows with the square. */
const longestNumberText = 7000

/** Reads a number in decimal or scientific notation, `inf` or `nan`, in lower case; undefined when it is too long. */
export function parseDecimal(text: string): Decimal128 | undefined {
  if (text.length > longestNumberText) return undefined
  if (text.includes('nan')) return Decimal128.fromString('NaN')
  if (text.includes('inf')) return Decimal128.fromString(text.startsWith('-') ? '-Infinity' : 'Infinity')
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/.exec(text) ?? []
  const magnitude = BigInt(`0${whole}${fraction}`)
  return toDecimal128({
    kind: 'finite',
    coefficient: sign === '-' ? -magnitude : magnitude,
    // Far beyond every decimal the exact power no longer matters.
    exponent: Math.max(-20_000, Math.min(20_000, Number(exponent))) - fraction.length,
  })
}

/** Divides by a power of ten, rounding half to even. */
export function roundedQuotient(coefficient: bigint, digits: number): bigint {
  // More digits than any coefficient here can have leave nothing.
  if (digits > 20_000) return 0n
  const divisor = 10n ** BigInt(digits)
  const quotient = coefficient / divisor
  const twice = (coefficient % divisor) * 2n
  return twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient
}

function fromParts(negative: boolean, coefficient: bigint, exponent: number): Decimal128 {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  const sign = negative ? 1n << 63n : 0n
  view.setBigUint64(0, coefficient & 0xffffffffffffffffn, true)
  view.setBigUint64(8, sign | (BigInt(exponent - smallestExponent) << 49n) | (coefficient >> 64n), true)
  return new Decimal128(bytes)
}
