import { Int32, Long } from 'bson'
import { modelMatches } from '../query/filter-model.ts'
import { calculate, exactly, numberType } from './numbers.ts'
import { compare, isDocument } from './order.ts'
import { refuse } from './unspecified.ts'

/**
 * What an operator does at the end of its path. `kind` says what a missing path means: it is made; it is left alone,
 * though it must be one that could be made; or it is left alone whatever stands there.
 */
export type Change = {
  readonly kind: 'makes' | 'leaves' | 'ignores'
  /** The new value from the old one; undefined is a missing value. */
  readonly of: (old: unknown) => unknown
}

/** The change that one operator asks for with one operand; wrong operands are refused whatever the document. */
export function changeOf(operator: string, operand: unknown): Change {
  switch (operator) {
    case '$set':
    case '$setOnInsert':
      return { kind: 'makes', of: () => operand }
    case '$unset':
      return { kind: 'ignores', of: () => undefined }
    case '$inc':
    case '$mul':
      return arithmetic(operator, operand)
    case '$min':
      return { kind: 'makes', of: (old) => (old === undefined || compare(operand, old) < 0 ? operand : old) }
    case '$max':
      return { kind: 'makes', of: (old) => (old === undefined || compare(operand, old) > 0 ? operand : old) }
    case '$bit':
      return bits(operand)
    case '$push':
      return { kind: 'makes', of: onArray(2, push(operand)) }
    case '$addToSet':
      return { kind: 'makes', of: onArray(2, addToSet(operand)) }
    case '$pull':
      return { kind: 'leaves', of: onArray(2, pull(operand), true) }
    case '$pullAll': {
      if (!Array.isArray(operand)) refuse(2)
      const keeps = (element: unknown): boolean => !operand.some((one) => compare(one, element) === 0)
      return { kind: 'leaves', of: onArray(2, (array) => array.filter(keeps), true) }
    }
    case '$pop': {
      const end = wholeNumber(operand)
      if (end !== 1 && end !== -1) refuse(9)
      return { kind: 'leaves', of: onArray(14, (array) => (end === 1 ? array.slice(0, -1) : array.slice(1)), true) }
    }
    default:
      return refuse(9)
  }
}

function onArray(code: number, change: (array: unknown[]) => unknown[], missingStays = false): Change['of'] {
  return (old) => {
    if (old === undefined) return missingStays ? undefined : change([])
    return Array.isArray(old) ? change(old) : refuse(code)
  }
}

function arithmetic(operator: '$inc' | '$mul', operand: unknown): Change {
  if (numberType(operand) === undefined) refuse(14)
  return {
    kind: 'makes',
    of(old) {
      if (old === undefined && operator === '$inc') return operand
      if (old !== undefined && numberType(old) === undefined) refuse(14)
      const result = calculate(operator === '$inc' ? '+' : '*', old ?? new Int32(0), operand) ?? refuse(2)
      // As the server's code has it: the same number in the same type is no change, whatever its zeros and sign.
      const changed = numberType(result) !== numberType(old) || compare(result, old) !== 0
      return changed ? result : old
    },
  }
}

function bits(operand: unknown): Change {
  if (!isDocument(operand) || Object.keys(operand).length === 0) refuse(2)
  for (const [name, mask] of Object.entries(operand)) {
    if (!['and', 'or', 'xor'].includes(name) || !isInteger(mask)) refuse(2)
  }
  return {
    kind: 'makes',
    of(old) {
      if (old !== undefined && !isInteger(old)) refuse(2)
      return Object.entries(operand).reduce<unknown>(
        (value, [name, mask]) => {
          const [x, y] = [value, mask].map(bigintOf) as [bigint, bigint]
          const result = name === 'and' ? x & y : name === 'or' ? x | y : x ^ y
          const isInt = numberType(value) === 'int' && numberType(mask) === 'int'
          return isInt ? new Int32(Number(result)) : Long.fromBigInt(result)
        },
        old ?? new Int32(0),
      )
    },
  }
}

function isInteger(value: unknown): boolean {
  return numberType(value) === 'int' || numberType(value) === 'long'
}

function bigintOf(value: unknown): bigint {
  return BigInt(String(value))
}

/** A number without a fraction, of whatever type; undefined for all else. */
function wholeNumber(value: unknown): number | undefined {
  if (numberType(value) === undefined || exactly(value).kind !== 'finite') return undefined
  const number = Number(String(value))
  return Number.isInteger(number) ? number : undefined
}

function push(operand: unknown): (array: unknown[]) => unknown[] {
  if (!isDocument(operand) || !('$each' in operand)) return (array) => [...array, operand]
  const { $each: each, $position: position, $slice: slice, $sort: sort, ...others } = operand
  if (!Array.isArray(each) || Object.keys(others).length > 0) refuse(2)
  for (const count of [position, slice]) if (count !== undefined && wholeNumber(count) === undefined) refuse(2)
  const order = sort === undefined ? undefined : elementOrder(sort)
  return (array) => {
    const at = position === undefined ? array.length : Number(String(position))
    let result = array.toSpliced(at < 0 ? Math.max(array.length + at, 0) : at, 0, ...(each as unknown[]))
    if (order !== undefined) result = result.toSorted(order)
    if (slice === undefined) return result
    const kept = Number(String(slice))
    return kept < 0 ? result.slice(kept) : result.slice(0, kept)
  }
}

/** By whole elements, or by fields of elements, where what is no document has none. */
function elementOrder(spec: unknown): (a: unknown, b: unknown) => number {
  const whole = wholeNumber(spec)
  if (whole === 1 || whole === -1) return (a, b) => compare(a, b) * whole
  if (!isDocument(spec) || Object.keys(spec).length === 0) refuse(2)
  const keys = Object.entries(spec).map(([path, direction]) => {
    const sign = wholeNumber(direction)
    if (sign !== 1 && sign !== -1) refuse(2)
    return { names: path.split('.'), sign }
  })
  return (a, b) =>
    keys.map(({ names, sign }) => compare(inside(a, names), inside(b, names)) * sign).find((one) => one !== 0) ?? 0
}

function inside(element: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>((value, name) => (isDocument(value) ? (value[name] as unknown) : undefined), element)
}

function addToSet(operand: unknown): (array: unknown[]) => unknown[] {
  const many = isDocument(operand) && Object.keys(operand)[0] === '$each'
  if (many && !Array.isArray(operand['$each'])) refuse(14)
  if (many && Object.keys(operand).length > 1) refuse(2)
  const added = many ? (operand['$each'] as unknown[]) : [operand]
  return (array) =>
    added.reduce<unknown[]>(
      (set, value) => (set.some((element) => compare(element, value) === 0) ? set : [...set, value]),
      array,
    )
}

function pull(operand: unknown): (array: unknown[]) => unknown[] {
  return (array) => array.filter((element) => !isPulled(element, operand))
}

/** Operators are asked about each element, a document is a filter for documents, all else a value to be equal to. */
function isPulled(element: unknown, operand: unknown): boolean {
  if (!isDocument(operand)) return compare(element, operand) === 0
  if (Object.keys(operand)[0]?.startsWith('$') === true) return modelMatches({ it: element }, { it: operand })
  return isDocument(element) && modelMatches(element, operand)
}
