import { asExactDouble } from './compare-numbers.ts'
import { exactDecimal, normalized, type ExactDecimal } from './exact-decimal.ts'
import type { KeyBytes } from './key-bytes.ts'

const nan = 0
const negative = 1
const positive = 2

/**
 * Appends a number: its sign, its magnitude cut to a double, and what the double leaves out. So the usual numbers
 * take ten bytes, and Int32, Long, Double and Decimal128 of one value give the same bytes.
 */
export function encodeNumber(key: KeyBytes, value: unknown): void {
  const double = asExactDouble(value)
  if (double !== undefined) {
    encodeSigned(key, double, () => {
      key.double(Math.abs(double))
      key.byte(0)
    })
    return
  }
  const exact = exactDecimal(value)
  const sign = exact.kind === 'nan' ? Number.NaN : exact.coefficient < 0n ? -1 : Number(exact.coefficient > 0n)
  encodeSigned(key, sign, () => encodeMagnitude(key, sign < 0 ? { ...exact, coefficient: -exact.coefficient } : exact))
}

function encodeSigned(key: KeyBytes, sign: number, magnitude: () => void): void {
  if (Number.isNaN(sign)) return key.byte(nan)
  key.byte(sign < 0 ? negative : positive)
  const start = key.length
  magnitude()
  if (sign < 0) key.complement(start)
}

function encodeMagnitude(key: KeyBytes, exact: ExactDecimal): void {
  const floor = exact.kind === 'infinite' ? Number.POSITIVE_INFINITY : doubleBelow(exact)
  key.double(floor)
  if (exact.kind === 'infinite') return key.byte(0)
  const rest = normalized(difference(exact, exactDecimal(floor)))
  if (rest.coefficient === 0n) return key.byte(0)
  key.byte(1)
  // Scientific form: the place of the first digit, then the digits, which sort as text.
  const digits = rest.coefficient.toString()
  key.uint32(digits.length + rest.exponent + 0x8000)
  key.text(digits)
}

/** The largest double that is not above the value; a value beyond all doubles gets the largest finite one. */
function doubleBelow(exact: ExactDecimal): number {
  const nearest = Math.min(Number(`${exact.coefficient}e${exact.exponent}`), Number.MAX_VALUE)
  return difference(exact, exactDecimal(nearest)).coefficient < 0n ? previousDouble(nearest) : nearest
}

function previousDouble(value: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  view.setBigUint64(0, view.getBigUint64(0) - 1n)
  return view.getFloat64(0)
}

function difference(a: ExactDecimal, b: ExactDecimal): ExactDecimal {
  const exponent = Math.min(a.exponent, b.exponent)
  const x = a.coefficient * 10n ** BigInt(a.exponent - exponent)
  const y = b.coefficient * 10n ** BigInt(b.exponent - exponent)
  return { kind: 'finite', coefficient: x - y, exponent }
}
