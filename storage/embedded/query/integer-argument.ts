import { Decimal128, Double, Int32 } from 'bson'
import { exactDecimal } from './exact-decimal.ts'
import { isLong } from './value-type.ts'

/** A BSON number as a JavaScript number when it is a whole number that fits one exactly, else undefined. */
export function integerArgument(value: unknown): number | undefined {
  const number = doubleArgument(value)
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined
}

/** A BSON number as the nearest JavaScript number, else undefined. */
export function doubleArgument(value: unknown): number | undefined {
  if (value instanceof Int32 || value instanceof Double) return value.value
  if (typeof value === 'number') return value
  if (isLong(value)) return value.toNumber()
  if (typeof value === 'bigint' || value instanceof Decimal128) return Number(value.toString())
  return undefined
}

/** A BSON number cut to a whole number, undefined when it is not finite or not a number. */
export function truncated(value: unknown): bigint | undefined {
  const double = doubleArgument(value)
  if (double === undefined || !Number.isFinite(double)) return undefined
  if (isLong(value)) return value.toBigInt()
  if (!(value instanceof Decimal128)) return BigInt(Math.trunc(double))
  const { coefficient, exponent } = exactDecimal(value)
  if (exponent >= 0) return coefficient * 10n ** BigInt(exponent)
  return exponent < -6000 ? 0n : coefficient / 10n ** BigInt(-exponent)
}
