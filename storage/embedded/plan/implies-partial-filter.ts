import { writeDoc, type Doc } from '../query/bson.ts'
import { compareSameRank, rankOf } from '../query/compare-values.ts'
import { isDoc } from '../query/value-type.ts'
import type { FieldBounds } from './field-bounds.ts'

/** Whether every document that the filter finds is in a partial index: when in doubt, no. */
export function impliesPartialFilter(filter: Doc, bounds: ReadonlyMap<string, FieldBounds>, partial: Doc): boolean {
  return Object.entries(partial).every(([path, operand]) => {
    if (path === '$and')
      return Array.isArray(operand) && operand.every((branch: Doc) => impliesPartialFilter(filter, bounds, branch))
    if (path.startsWith('$')) return false
    if (path in filter && sameOperand(filter[path], operand)) return true
    const bound = bounds.get(path)
    if (bound === undefined) return false
    const operators = isDoc(operand) && Object.keys(operand)[0]?.startsWith('$') ? operand : { $eq: operand }
    return Object.entries(operators).every(([operator, value]) => impliesOperator(bound, operator, value))
  })
}

function impliesOperator({ equals, lower, upper }: FieldBounds, operator: string, value: unknown): boolean {
  if (equals !== undefined) return equals.every((equal) => holds(equal, operator, value))
  switch (operator) {
    case '$exists':
      return isTrue(value) && (lower !== undefined || upper !== undefined)
    case '$gte':
      return order(lower, value) >= 0
    // A bound does not tell whether it is inclusive, so it must lie beyond.
    case '$gt':
      return order(lower, value) > 0
    case '$lte':
      return order(upper, value) <= 0
    case '$lt':
      return order(upper, value) < 0
    default:
      return false
  }
}

function holds(equal: unknown, operator: string, value: unknown): boolean {
  switch (operator) {
    case '$exists':
      // Equality to null is met by a missing value as well.
      return isTrue(value) && equal !== null
    case '$eq':
      return order(equal, value) === 0
    case '$gte':
      return order(equal, value) >= 0
    case '$gt':
      return order(equal, value) > 0
    case '$lte':
      return order(equal, value) <= 0
    case '$lt':
      return order(equal, value) < 0
    case '$in':
      return Array.isArray(value) && value.some((one) => order(equal, one) === 0)
    default:
      return false
  }
}

/** NaN, which is in no order, for values that MongoDB does not compare. */
function order(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return Number.NaN
  const rank = rankOf(a)
  return rank === rankOf(b) ? compareSameRank(rank, a, b) : Number.NaN
}

function isTrue(value: unknown): boolean {
  return value === true || Number(value) !== 0
}

function sameOperand(a: unknown, b: unknown): boolean {
  return Buffer.compare(writeDoc({ v: a }), writeDoc({ v: b })) === 0
}
