import { Decimal128, Double, Int32, Long } from 'bson'
import { Unspecified } from './unspecified.ts'

/** A number without rounding: plus or minus `digits` times ten to the `exponent`, or one that is not finite. */
export type Exact =
  | { readonly kind: 'nan' }
  | { readonly kind: 'infinite'; readonly negative: boolean }
  | { readonly kind: 'finite'; readonly negative: boolean; readonly digits: bigint; readonly exponent: number }

export type NumberType = 'int' | 'long' | 'double' | 'decimal'

/** The BSON type of a number; undefined for what is none. JavaScript's own numbers become what the driver sends. */
export function numberType(value: unknown): NumberType | undefined {
  if (value instanceof Int32) return 'int'
  if (value instanceof Long) return 'long'
  if (value instanceof Double) return 'double'
  if (value instanceof Decimal128) return 'decimal'
  if (typeof value !== 'number') return undefined
  return Number.isInteger(value) && !Object.is(value, -0) && Math.abs(value) < 2 ** 31 ? 'int' : 'double'
}

export function finite(signed: bigint, exponent = 0, negative = signed < 0n): Exact {
  return { kind: 'finite', negative, digits: signed < 0n ? -signed : signed, exponent }
}

/** The exact value of any BSON number. */
export function exactly(value: unknown): Exact {
  if (value instanceof Int32) return finite(BigInt(value.value))
  if (value instanceof Long) return finite(value.toBigInt())
  if (value instanceof Decimal128) return readDecimal(value.toString())
  return readDouble(Number(value))
}

function readDouble(double: number): Exact {
  if (Number.isNaN(double)) return { kind: 'nan' }
  if (!Number.isFinite(double)) return { kind: 'infinite', negative: double < 0 }
  let [whole, halvings] = [double, 0]
  // Doubling a double is exact, and every finite one becomes whole: m / 2^n is m * 5^n / 10^n.
  for (; !Number.isInteger(whole); halvings++) whole *= 2
  return finite(BigInt(whole) * 5n ** BigInt(halvings), -halvings, double < 0 || Object.is(double, -0))
}

/** Reads the text of a decimal, or a number that JavaScript has printed. */
export function readDecimal(text: string): Exact {
  if (text === 'NaN') return { kind: 'nan' }
  if (text.endsWith('Infinity')) return { kind: 'infinite', negative: text.startsWith('-') }
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  if (whole === undefined) throw new Error(`no decimal: ${text}`)
  const digits = BigInt(whole + fraction)
  return { kind: 'finite', negative: sign === '-', digits, exponent: Number(exponent) - fraction.length }
}

/** A finite number as a whole count of ten to the `exponent`, which must not be above its own. */
function scaled(number: Exact & { kind: 'finite' }, exponent: number): bigint {
  const digits = number.digits * 10n ** BigInt(number.exponent - exponent)
  return number.negative ? -digits : digits
}

/** By exact value; NaN is equal to itself and less than all others. */
export function compareExact(a: Exact, b: Exact): number {
  const place = (one: Exact): number => (one.kind === 'nan' ? 0 : one.kind === 'finite' ? 2 : one.negative ? 1 : 3)
  if (a.kind !== 'finite' || b.kind !== 'finite') return place(a) - place(b)
  const exponent = Math.min(a.exponent, b.exponent)
  const difference = scaled(a, exponent) - scaled(b, exponent)
  return difference < 0n ? -1 : Number(difference > 0n)
}

export function addExact(a: Exact, b: Exact): Exact {
  if (a.kind === 'nan' || b.kind === 'nan') return { kind: 'nan' }
  if (a.kind === 'infinite') return b.kind === 'infinite' && a.negative !== b.negative ? { kind: 'nan' } : a
  if (b.kind === 'infinite') return b
  const exponent = Math.min(a.exponent, b.exponent)
  const sum = scaled(a, exponent) + scaled(b, exponent)
  return finite(sum, exponent, sum < 0n || (a.negative && b.negative))
}

export function multiplyExact(a: Exact, b: Exact): Exact {
  if (a.kind === 'nan' || b.kind === 'nan') return { kind: 'nan' }
  const negative = a.negative !== b.negative
  if (a.kind === 'finite' && b.kind === 'finite') {
    return { kind: 'finite', negative, digits: a.digits * b.digits, exponent: a.exponent + b.exponent }
  }
  const isZero = [a, b].some((one) => one.kind === 'finite' && one.digits === 0n)
  return isZero ? { kind: 'nan' } : { kind: 'infinite', negative }
}

/** The nearest decimal of 34 digits, ties to the even one. */
export function toDecimal(number: Exact): Decimal128 {
  if (number.kind === 'nan') return Decimal128.fromString('NaN')
  const sign = number.negative ? '-' : ''
  if (number.kind === 'infinite') return Decimal128.fromString(`${sign}Infinity`)
  let { digits, exponent } = number
  const surplus = digits.toString().length - 34
  if (surplus > 0) {
    const unit = 10n ** BigInt(surplus)
    const rest = (digits % unit) * 2n
    const even = (digits / unit) % 2n === 0n
    digits = digits / unit + (rest > unit || (rest === unit && !even) ? 1n : 0n)
    exponent += surplus
  }
  if (Math.abs(exponent) > 6000) throw new Unspecified('at the end of the range of decimals')
  return Decimal128.fromString(`${sign}${digits}E${exponent}`)
}

/** The nearest double of a number that was one, or a sum of a few: small enough that one conversion is exact. */
export function toDouble(number: Exact): number {
  if (number.kind === 'nan') return Number.NaN
  if (number.kind === 'infinite') return number.negative ? -Infinity : Infinity
  // JavaScript reads a decimal text as the nearest double.
  return Number(`${number.negative ? '-' : ''}${number.digits}E${number.exponent}`)
}

export function toInteger(signed: bigint, type: 'int' | 'long'): Int32 | Long | undefined {
  if (type === 'int' && BigInt.asIntN(32, signed) === signed) return new Int32(Number(signed))
  return BigInt.asIntN(64, signed) === signed ? Long.fromBigInt(signed) : undefined
}

/** A number as a decimal, a double with its first 15 digits as MongoDB converts it. */
export function asDecimal(value: unknown): Exact {
  const exact = exactly(value)
  if (numberType(value) !== 'double' || exact.kind !== 'finite') return exact
  if (exact.digits === 0n) return { ...exact, exponent: 0 }
  return readDecimal(toDouble(exact).toPrecision(15))
}

const typeOrder: readonly NumberType[] = ['int', 'long', 'double', 'decimal']

export function widest(types: readonly NumberType[]): NumberType {
  return typeOrder.findLast((type) => types.includes(type)) ?? 'int'
}

/** `$inc` and `$mul`: the wider type wins, an Int32 that does not fit becomes a Long; undefined past 64 bits. */
export function calculate(operation: '+' | '*', a: unknown, b: unknown): unknown {
  const type = widest([a, b].map((one) => numberType(one) as NumberType))
  const exact = operation === '+' ? addExact : multiplyExact
  if (type === 'decimal') return toDecimal(exact(asDecimal(a), asDecimal(b)))
  if (type === 'double') {
    const [x, y] = [toDouble(exactly(a)), toDouble(exactly(b))]
    return new Double(operation === '+' ? x + y : x * y)
  }
  const [x, y] = [a, b].map((one) => scaled(exactly(one) as Exact & { kind: 'finite' }, 0)) as [bigint, bigint]
  return toInteger(operation === '+' ? x + y : x * y, type)
}
