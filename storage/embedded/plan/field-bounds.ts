import { BSONRegExp, Decimal128, MaxKey, MinKey } from 'bson'
import type { Doc } from '../query/bson.ts'
import { compareValues } from '../query/compare-values.ts'
import { isDoc, isNumber } from '../query/value-type.ts'

/** What a filter demands of one path, as far as an index can use it. The filter itself is always tested as well. */
export type FieldBounds = {
  /** One of these. */
  equals?: readonly unknown[]
  lower?: unknown
  upper?: unknown
  /** Both ends are obeyed by the same element of an array, as within `$elemMatch`. */
  sameElement?: true
}

const comparisons = new Map<string, 'lower' | 'upper'>([
  ['$gt', 'lower'],
  ['$gte', 'lower'],
  ['$lt', 'upper'],
  ['$lte', 'upper'],
])

/** Collects the bounds that every matching document obeys: from the top level and from `$and`. */
export function boundsOf(filter: Doc, found = new Map<string, FieldBounds>()): Map<string, FieldBounds> {
  for (const [path, operand] of Object.entries(filter)) {
    if (path === '$and' && Array.isArray(operand)) {
      for (const branch of operand) if (isDoc(branch)) boundsOf(branch, found)
    } else if (!path.startsWith('$')) {
      const bounds = found.get(path) ?? {}
      if (isDoc(operand) && Object.keys(operand)[0]?.startsWith('$')) addOperators(bounds, operand)
      else if (isPoint(operand)) addEquals(bounds, [operand])
      if (Object.keys(bounds).length > 0) found.set(path, bounds)
    }
  }
  return found
}

function addOperators(bounds: FieldBounds, operators: Doc): void {
  for (const [operator, operand] of Object.entries(operators)) {
    if (operator === '$eq' && isPoint(operand)) addEquals(bounds, [operand])
    if (operator === '$in' && Array.isArray(operand) && operand.every(isPoint)) addEquals(bounds, operand)
    if (operator === '$elemMatch' && isDoc(operand)) addElement(bounds, operand)
    if (operator === '$all' && Array.isArray(operand)) {
      for (const part of operand) if (isDoc(part) && isDoc(part['$elemMatch'])) addElement(bounds, part['$elemMatch'])
    }
    const side = comparisons.get(operator)
    if (side !== undefined && isRangeEnd(operand)) addRange(bounds, side, operand)
  }
}

/** What one element of an array obeys as a value; a filter of documents within the array binds other paths. */
function addElement(bounds: FieldBounds, operators: Doc): void {
  if (!Object.keys(operators)[0]?.startsWith('$')) return
  const element: FieldBounds = {}
  addOperators(element, operators)
  if (element.equals !== undefined) addEquals(bounds, element.equals)
  // Ends of different elements cannot be put together; whichever came first is used.
  if (bounds.lower !== undefined || bounds.upper !== undefined) return
  if (element.lower === undefined && element.upper === undefined) return
  Object.assign(bounds, { lower: element.lower, upper: element.upper, sameElement: true })
}

function addEquals(bounds: FieldBounds, values: readonly unknown[]): void {
  if (bounds.equals === undefined || values.length < bounds.equals.length) bounds.equals = values
}

/** Two lower ends of one path are both obeyed, if by different elements of an array; either may be used. */
function addRange(bounds: FieldBounds, side: 'lower' | 'upper', value: unknown): void {
  if (bounds.sameElement) return
  const known = bounds[side]
  if (known === undefined) bounds[side] = value
  else if (compareValues(value, known) * (side === 'lower' ? 1 : -1) > 0) bounds[side] = value
}

/** An array would have to be looked up both as a whole and by element; a regular expression is no single key. */
export function isPoint(value: unknown): boolean {
  return value !== undefined && !Array.isArray(value) && !(value instanceof BSONRegExp)
}

/** Only values that are compared within their own type, so that the type bounds the other end. */
export function isRangeEnd(value: unknown): boolean {
  if (value === undefined || value === null || Array.isArray(value)) return false
  if (value instanceof BSONRegExp || value instanceof MinKey || value instanceof MaxKey) return false
  return !(isNumber(value) && isNaNValue(value))
}

function isNaNValue(value: unknown): boolean {
  return value instanceof Decimal128 ? value.toString() === 'NaN' : Number.isNaN(Number(value))
}
