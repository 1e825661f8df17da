import { BSONSymbol, ObjectId } from 'bson'
import { CommandError } from '../../errors.ts'
import { asExactDouble, compareNumbers } from '../compare-numbers.ts'
import { compareSameRank, compareValues, rankOf, typeRanks } from '../compare-values.ts'
import { isNumber, typeOf } from '../value-type.ts'
import type { ValueTest } from './condition.ts'

/** Accepts values equal to the operand; null also accepts a missing value. */
export function equalTo(operand: unknown): ValueTest {
  if (operand === undefined) throw new CommandError('BadValue', 'cannot compare to undefined')
  if (operand === null) return (value) => value === null || value === undefined
  if (typeof operand === 'boolean') return (value) => value === operand
  if (typeof operand === 'string') {
    return (value) => value === operand || (value instanceof BSONSymbol && value.value === operand)
  }
  if (operand instanceof ObjectId) return (value) => value instanceof ObjectId && operand.equals(value)
  const number = asExactDouble(operand)
  if (number !== undefined && !Number.isNaN(number)) {
    return (value) => {
      const other = asExactDouble(value)
      return other === undefined ? isNumber(value) && compareNumbers(value, operand) === 0 : other === number
    }
  }
  const rank = rankOf(operand)
  return (value) => rankOf(value) === rank && compareSameRank(rank, value, operand) === 0
}

export type RangeOperator = '$gt' | '$gte' | '$lt' | '$lte'

const accepts: Readonly<Record<RangeOperator, (order: number) => boolean>> = {
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
}

/** Accepts values of the operand's type on one side of it; MinKey and MaxKey compare with every type. */
export function inRange(operator: RangeOperator, operand: unknown): ValueTest {
  if (operand === undefined) throw new CommandError('BadValue', 'cannot compare to undefined')
  const type = typeOf(operand)
  if (type === 'regex') throw new CommandError('BadValue', `Can't have RegEx as arg to ${operator}.`)
  const accept = accepts[operator]
  const orEqual = operator === '$gte' || operator === '$lte'
  const rank = typeRanks[type]
  if (type === 'null') return (value) => orEqual && (value === null || value === undefined)
  if (type === 'minKey' || type === 'maxKey') {
    const other = accept(type === 'minKey' ? 1 : -1)
    return (value) => (rankOf(value) === rank ? orEqual : other)
  }
  if (rank !== typeRanks.int) {
    return (value) => rankOf(value) === rank && accept(compareSameRank(rank, value, operand))
  }
  // NaN is equal to itself and in no other relation.
  if (isNaN(operand)) return (value) => orEqual && isNumber(value) && compareNumbers(value, operand) === 0
  return (value) => isNumber(value) && !isNaN(value) && accept(compareNumbers(value, operand))
}

/** Whether a BSON number is not a number. */
export function isNaN(number: unknown): boolean {
  const double = asExactDouble(number)
  return double === undefined ? String(number) === 'NaN' : Number.isNaN(double)
}

const linearSearchLimit = 8

/** Accepts values equal to one of the operands. */
export function equalToAny(operands: readonly unknown[]): ValueTest {
  const strings = new Set(operands.filter((operand) => typeof operand === 'string'))
  const others = operands.filter((operand) => typeof operand !== 'string')
  if (others.length <= linearSearchLimit) {
    const tests = others.map(equalTo)
    return (value) => strings.has(value as string) || tests.some((test) => test(value))
  }
  const sorted = others.toSorted(compareValues)
  return (value) => strings.has(value as string) || contains(sorted, value)
}

function contains(sorted: readonly unknown[], value: unknown): boolean {
  let low = 0
  let high = sorted.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const order = compareValues(value, sorted[middle])
    if (order === 0) return true
    if (order < 0) high = middle - 1
    else low = middle + 1
  }
  return false
}
