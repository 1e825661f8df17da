import type { Decimal128 } from 'bson'
import { toDecimal128 } from './decimal128.ts'
import { exactDecimal, normalized, type ExactDecimal } from './exact-decimal.ts'

const nan: ExactDecimal = { kind: 'nan', coefficient: 0n, exponent: 0 }

/** Divides two decimals to 34 digits; an exact quotient has the exponent nearest to the operands' difference. */
export function divideExact(a: Decimal128, b: Decimal128): Decimal128 {
  const [x, y] = [exactDecimal(a), exactDecimal(b)]
  if (x.kind === 'nan' || y.kind === 'nan' || (x.kind === 'infinite' && y.kind === 'infinite')) return toDecimal128(nan)
  if (x.kind === 'infinite')
    return toDecimal128({ ...x, coefficient: y.coefficient < 0n ? -x.coefficient : x.coefficient })
  if (y.kind === 'infinite') return toDecimal128({ kind: 'finite', coefficient: 0n, exponent: 0 })
  const ideal = x.exponent - y.exponent
  // Enough digits that what is cut off only decides about rounding; a one at the end says that something was.
  const scale = 80
  const scaled = x.coefficient * 10n ** BigInt(scale)
  const quotient = scaled / y.coefficient
  const rest = scaled % y.coefficient
  if (rest !== 0n) {
    const sticky = quotient * 10n + (x.coefficient < 0n === y.coefficient < 0n ? 1n : -1n)
    return toDecimal128({ kind: 'finite', coefficient: sticky, exponent: ideal - scale - 1 })
  }
  const exact = normalized({ kind: 'finite', coefficient: quotient, exponent: ideal - scale })
  if (exact.coefficient === 0n || exact.exponent <= ideal)
    return toDecimal128({ ...exact, exponent: exact.coefficient === 0n ? ideal : exact.exponent })
  return toDecimal128({
    ...exact,
    coefficient: exact.coefficient * 10n ** BigInt(exact.exponent - ideal),
    exponent: ideal,
  })
}

/** The remainder of a division whose quotient is cut to a whole number; it has the dividend's sign. */
export function remainderExact(a: ExactDecimal, b: ExactDecimal): ExactDecimal {
  if (a.kind !== 'finite' || b.kind === 'nan') return nan
  if (b.kind === 'infinite') return a
  const exponent = Math.min(a.exponent, b.exponent)
  const x = a.coefficient * 10n ** BigInt(a.exponent - exponent)
  return { kind: 'finite', coefficient: x % (b.coefficient * 10n ** BigInt(b.exponent - exponent)), exponent }
}
