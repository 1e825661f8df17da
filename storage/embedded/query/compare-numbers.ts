import { Double, Int32 } from 'bson'
import { compareExact, exactDecimal } from './exact-decimal.ts'
import { isLong } from './value-type.ts'

/** Compares two BSON numbers of any types by their exact values; NaN equals NaN and comes before all others. */
export function compareNumbers(a: unknown, b: unknown): number {
  const x = asExactDouble(a)
  const y = asExactDouble(b)
  if (x !== undefined && y !== undefined) {
    if (x < y) return -1
    if (x > y) return 1
    return x === y ? 0 : Number(!Number.isNaN(x)) - Number(!Number.isNaN(y))
  }
  if (isLong(a) && isLong(b)) return a.compare(b)
  return compareExact(exactDecimal(a), exactDecimal(b))
}

/** The value as a JavaScript number where that is exact without further thought, else undefined. */
export function asExactDouble(value: unknown): number | undefined {
  if (value instanceof Int32 || value instanceof Double) return value.value
  if (typeof value === 'number') return value
  if (isLong(value)) {
    return value.high >= -0x200000 && value.high < 0x200000 ? value.high * 0x100000000 + (value.low >>> 0) : undefined
  }
  return undefined
}
