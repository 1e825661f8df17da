import type { Doc } from '../query/bson.ts'
import { keptKeyBytes } from '../query/encode-key.ts'
import { holdsOperators } from '../query/filter/field-operators.ts'
import { isNumber } from '../query/value-type.ts'
import { isPoint, isRangeEnd } from './field-bounds.ts'
import type { IndexScan } from './index-scan.ts'

/** What a key has before the values: the number of its table. */
const tableBytes = 4

/**
 * Whether a scan finds exactly what the filter asks for, so that its records need neither decoding nor testing: when
 * in doubt, no.
 */
export function coversFilter({ index, ranges, boundFields, ranged }: IndexScan, filter: Doc): boolean {
  if (index.multikey || index.hashed) return false
  // Of longer values a range keeps the beginning only.
  if (ranges.some(({ from, to }) => Math.max(from.length, to.length) - tableBytes >= keptKeyBytes)) return false
  const paths = Object.keys(index.key)
  const points = new Set(paths.slice(0, boundFields))
  return Object.entries(filter).every(([path, operand]) => {
    if (path.startsWith('$')) return false
    const kind = exactKind(operand)
    return kind === 'points' ? points.has(path) : kind === 'range' && ranged && path === paths[boundFields]
  })
}

/** Whether the operators of one path come to points or to a range that an index holds exactly. */
function exactKind(operand: unknown): 'points' | 'range' | undefined {
  const operators = holdsOperators(operand) ? operand : { $eq: operand }
  const [operator, ...more] = Object.keys(operators)
  if (more.length === 0 && operator === '$eq') return isExactPoint(operators['$eq']) ? 'points' : undefined
  if (more.length === 0 && operator === '$in') {
    const list = operators['$in']
    return Array.isArray(list) && list.length > 0 && list.every(isExactPoint) ? 'points' : undefined
  }
  const { $gte: lower, $lte: upper, ...others } = operators
  if (Object.keys(others).length > 0) return undefined
  if (![lower, upper].every((end) => end === undefined || isRangeEnd(end))) return undefined
  // Below all numbers the index holds NaN, which no number is compared with.
  return lower === undefined && isNumber(upper) ? undefined : 'range'
}

/** Null is met by what is missing as well, which is for the filter to tell. */
function isExactPoint(value: unknown): boolean {
  return value !== null && isPoint(value)
}
