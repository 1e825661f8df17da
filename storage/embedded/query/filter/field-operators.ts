import { BSONRegExp } from 'bson'
import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { geoIntersects, geoWithin } from '../geo/compile-geo.ts'
import { nearOperators } from '../geo/near.ts'
import { integerArgument, truncated } from '../integer-argument.ts'
import { isDoc, isNumber } from '../value-type.ts'
import { bitTest } from './bits.ts'
import { equalTo, equalToAny, inRange } from './comparison.ts'
import {
  type Condition,
  conditionOnElement,
  type DocTest,
  not,
  someValue,
  wholeValue,
  type ValueTest,
} from './condition.ts'
import { matchesRegex, regexOperator } from './regex.ts'
import { ofType } from './type-names.ts'

/** Compiles a whole filter; handed in, because `$elemMatch` holds filters and filters hold `$elemMatch`. */
export type FilterCompiler = (filter: Doc) => DocTest

/** Whether a field's value holds operators rather than being a value to be equal to. */
export function holdsOperators(value: unknown): value is Doc {
  if (!isDoc(value)) return false
  const first = Object.keys(value)[0]
  return first !== undefined && first.startsWith('$') && !['$ref', '$id', '$db'].includes(first)
}

/** Compiles what stands under a field: operators, a regular expression, or a value to be equal to. */
export function compileCondition(value: unknown, compileFilter: FilterCompiler): Condition {
  if (value instanceof BSONRegExp) return someValue(matchesRegex(value.pattern, value.options))
  if (!holdsOperators(value)) return someValue(equalTo(value))
  const conditions: Condition[] = []
  for (const [operator, operand] of Object.entries(value)) {
    if (operator === '$options') {
      if (!('$regex' in value)) throw new CommandError('BadValue', '$options needs a $regex')
    } else if (operator === '$regex') {
      conditions.push(someValue(regexOperator(operand, value.$options)))
    } else {
      conditions.push(compileOperator(operator, operand, compileFilter))
    }
  }
  return conditions.length === 1 ? (conditions[0] as Condition) : { kind: 'and', of: conditions }
}

function compileOperator(operator: string, operand: unknown, compileFilter: FilterCompiler): Condition {
  switch (operator) {
    case '$eq':
      return someValue(equalTo(operand))
    case '$ne':
      if (operand instanceof BSONRegExp) throw new CommandError('BadValue', "Can't have regex as arg to $ne.")
      return not(someValue(equalTo(operand)))
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return someValue(inRange(operator, operand))
    case '$in':
      return someValue(inList(operator, operand))
    case '$nin':
      return not(someValue(inList(operator, operand)))
    case '$exists': {
      const exists = someValue((value) => value !== undefined)
      return isTruthy(operand) ? exists : not(exists)
    }
    case '$type':
      return someValue(ofType(operand))
    case '$mod':
      return someValue(modulo(operand))
    case '$size':
      return { ...wholeValue(hasSize(operand)), aboutArray: true }
    case '$all':
      return containsAll(operand, compileFilter)
    case '$elemMatch':
      return wholeValue(elementMatching(operand, compileFilter))
    case '$not':
      return negation(operand, compileFilter)
    case '$bitsAllSet':
    case '$bitsAllClear':
    case '$bitsAnySet':
    case '$bitsAnyClear':
      return someValue(bitTest(operator, operand))
    case '$geoWithin':
    case '$within':
      return someValue(geoWithin(operand, operator))
    case '$geoIntersects':
      return someValue(geoIntersects(operand))
    default:
      if (nearOperators.has(operator)) {
        throw new CommandError('Location5626500', '$geoNear, $near, and $nearSphere are not allowed in this context')
      }
      throw new CommandError('BadValue', `unknown operator: ${operator}`)
  }
}

function isTruthy(value: unknown): boolean {
  if (isNumber(value)) return !equalTo(0)(value)
  return value !== undefined && value !== null && value !== false
}

function inList(operator: string, operand: unknown): ValueTest {
  if (!Array.isArray(operand)) throw new CommandError('BadValue', `${operator} needs an array`)
  const regexes: ValueTest[] = []
  const values: unknown[] = []
  for (const element of operand) {
    if (holdsOperators(element)) throw new CommandError('BadValue', `cannot nest $ under ${operator}`)
    if (element instanceof BSONRegExp) regexes.push(matchesRegex(element.pattern, element.options))
    else values.push(element)
  }
  const equal = equalToAny(values)
  return regexes.length === 0 ? equal : (value) => equal(value) || regexes.some((test) => test(value))
}

function modulo(operand: unknown): ValueTest {
  if (!Array.isArray(operand)) throw new CommandError('BadValue', 'malformed mod, needs to be an array')
  if (operand.length < 2) throw new CommandError('BadValue', 'malformed mod, not enough elements')
  if (operand.length > 2) throw new CommandError('BadValue', 'malformed mod, too many elements')
  const divisor = truncated(operand[0])
  const remainder = truncated(operand[1])
  if (divisor === undefined) throw new CommandError('BadValue', 'malformed mod, divisor not a number')
  if (remainder === undefined) throw new CommandError('BadValue', 'malformed mod, remainder not a number')
  if (divisor === 0n) throw new CommandError('BadValue', 'divisor cannot be 0')
  return (value) => {
    const dividend = truncated(value)
    return dividend !== undefined && dividend % divisor === remainder
  }
}

function hasSize(operand: unknown): ValueTest {
  const size = integerArgument(operand)
  if (size === undefined || size < 0) {
    throw new CommandError('BadValue', 'Failed to parse $size. Expected a non-negative integer')
  }
  return (value) => Array.isArray(value) && value.length === size
}

function containsAll(operand: unknown, compileFilter: FilterCompiler): Condition {
  if (!Array.isArray(operand)) throw new CommandError('BadValue', '$all needs an array')
  if (operand.length === 0) return someValue(() => false)
  const nested = operand.filter((element) => isDoc(element) && '$elemMatch' in element)
  if (nested.length > 0 && nested.length < operand.length) {
    throw new CommandError('BadValue', 'no $ expressions in $all')
  }
  const of = operand.map((element: unknown) => {
    if (holdsOperators(element) && nested.length === 0) throw new CommandError('BadValue', 'no $ expressions in $all')
    return compileCondition(element, compileFilter)
  })
  return { kind: 'and', of }
}

function elementMatching(operand: unknown, compileFilter: FilterCompiler): ValueTest {
  if (!isDoc(operand)) throw new CommandError('BadValue', '$elemMatch needs an Object')
  const first = Object.keys(operand)[0] ?? ''
  const onValues = holdsOperators(operand) && !['$and', '$or', '$nor', '$expr', '$where'].includes(first)
  if (onValues) {
    const test = conditionOnElement(compileCondition(operand, compileFilter))
    return (value) => Array.isArray(value) && value.some((element) => test(element))
  }
  const test = compileFilter(operand)
  return (value) =>
    Array.isArray(value) &&
    // An array inside the array counts as a document whose fields are its indexes.
    value.some((element: unknown) =>
      isDoc(element)
        ? test(element)
        : Array.isArray(element) && test(Object.assign({}, element as unknown[]) as unknown as Doc),
    )
}

function negation(operand: unknown, compileFilter: FilterCompiler): Condition {
  if (operand instanceof BSONRegExp) return not(compileCondition(operand, compileFilter))
  if (!isDoc(operand)) throw new CommandError('BadValue', '$not needs a regex or a document')
  if (Object.keys(operand).length === 0) throw new CommandError('BadValue', '$not cannot be empty')
  if (!holdsOperators(operand)) {
    throw new CommandError('BadValue', `unknown operator: ${Object.keys(operand)[0] as string}`)
  }
  return not(compileCondition(operand, compileFilter))
}
