import { BSONRegExp } from 'bson'
import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { compileFilter } from '../compile-filter.ts'
import { compareValues } from '../compare-values.ts'
import { arrayIndex, fieldOf, splitWritablePath } from '../field-path.ts'
import { conditionAtPath, type DocTest } from '../filter/condition.ts'
import { compileCondition, holdsOperators } from '../filter/field-operators.ts'
import { integerArgument } from '../integer-argument.ts'
import { isDoc, typeOf } from '../value-type.ts'
import type { FieldUpdate, OperatorCompiler } from './field-update.ts'

const push: OperatorCompiler = (path, operand) => {
  const { added, position, sort, slice } =
    isDoc(operand) && '$each' in operand ? pushModifiers(operand) : single(operand)
  return onArray('$push', { path, missingPath: 'make' }, (array) => {
    const at = position === undefined ? array.length : position < 0 ? Math.max(array.length + position, 0) : position
    const result = array.toSpliced(at, 0, ...added)
    if (sort !== undefined) result.sort(sort)
    if (slice === undefined) return result
    return slice < 0 ? result.slice(slice) : result.slice(0, slice)
  })
}

type PushModifiers = {
  added: readonly unknown[]
  position?: number
  slice?: number
  sort?: (a: unknown, b: unknown) => number
}

function single(value: unknown): PushModifiers {
  return { added: [value] }
}

function pushModifiers(operand: Doc): PushModifiers {
  const { $each: each, $position: position, $slice: slice, $sort: sort, ...others } = operand
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined) throw new CommandError('BadValue', `Unrecognized clause in $push: ${unknown}`)
  const modifiers: PushModifiers = { added: eachOf('$push', each) }
  if ('$position' in operand) modifiers.position = integerModifier('$position', position)
  if ('$slice' in operand) modifiers.slice = integerModifier('$slice', slice)
  if ('$sort' in operand) modifiers.sort = compileElementSort(sort)
  return modifiers
}

function eachOf(operator: string, each: unknown): readonly unknown[] {
  if (Array.isArray(each)) return each
  const code = operator === '$push' ? 'BadValue' : 'TypeMismatch'
  throw new CommandError(
    code,
    `The argument to $each in ${operator} must be an array but it was of type ${typeOf(each)}`,
  )
}

function integerModifier(name: string, value: unknown): number {
  const integer = integerArgument(value)
  if (integer !== undefined) return integer
  throw new CommandError(
    'BadValue',
    `The value for ${name} must be an integer value but was given type: ${typeOf(value)}`,
  )
}

function compileElementSort(spec: unknown): (a: unknown, b: unknown) => number {
  if (!isDoc(spec)) {
    const direction = integerArgument(spec)
    if (direction === 1) return compareValues
    if (direction === -1) return (a, b) => compareValues(b, a)
    throw new CommandError(
      'BadValue',
      'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
    )
  }
  if (Object.keys(spec).length === 0) {
    throw new CommandError('BadValue', 'The $sort pattern is empty when it should be a set of fields.')
  }
  const keys = Object.entries(spec).map(([path, direction]) => {
    const sign = integerArgument(direction)
    if (sign !== 1 && sign !== -1) throw new CommandError('BadValue', 'The $sort element value must be either 1 or -1')
    return { parts: splitWritablePath(path), sign }
  })
  return (a, b) => {
    for (const { parts, sign } of keys) {
      const order = compareValues(valueInside(a, parts), valueInside(b, parts))
      if (order !== 0) return order * sign
    }
    return 0
  }
}

/** Unlike the sort of a query, this one takes an array for a value and its indexes for fields. */
function valueInside(element: unknown, parts: readonly string[]): unknown {
  let value = element
  for (const part of parts) {
    value = isDoc(value) ? fieldOf(value, part) : Array.isArray(value) ? value[arrayIndex(part)] : undefined
  }
  return value
}

const addToSet: OperatorCompiler = (path, operand) => {
  const withEach = isDoc(operand) && Object.keys(operand)[0] === '$each'
  if (withEach && Object.keys(operand).length > 1) {
    throw new CommandError('BadValue', 'Found unexpected fields after $each in $addToSet')
  }
  const added = withEach ? eachOf('$addToSet', operand.$each) : [operand]
  return onArray('$addToSet', { path, missingPath: 'make' }, (array) => {
    const result = [...array]
    for (const value of added) {
      if (!result.some((element) => compareValues(element, value) === 0)) result.push(value)
    }
    return result
  })
}

const pull: OperatorCompiler = (path, operand) => {
  const matches = pullTest(operand)
  return onArray('$pull', { path, missingPath: 'leave' }, (array) => array.filter((element) => !matches(element)))
}

const withoutExpressions = (filter: Doc): DocTest => compileFilter(filter, null)

function pullTest(operand: unknown): (element: unknown) => boolean {
  const first = isDoc(operand) ? Object.keys(operand)[0] : undefined
  const isLogical = first === '$and' || first === '$or' || first === '$nor' || first === '$expr'
  if (operand instanceof BSONRegExp || (holdsOperators(operand) && !isLogical)) {
    const test = conditionAtPath('', compileCondition(operand, withoutExpressions))
    return (element) => test({ '': element })
  }
  // A document is a filter for documents, not a value to be equal to.
  if (isDoc(operand)) {
    const test = withoutExpressions(operand)
    return (element) => isDoc(element) && test(element)
  }
  return (element) => compareValues(element, operand) === 0
}

const pullAll: OperatorCompiler = (path, operand) => {
  if (!Array.isArray(operand)) {
    throw new CommandError('BadValue', `$pullAll requires an array argument but was given a ${typeOf(operand)}`)
  }
  return onArray('$pullAll', { path, missingPath: 'leave' }, (array) =>
    array.filter((element) => !operand.some((value) => compareValues(element, value) === 0)),
  )
}

const pop: OperatorCompiler = (path, operand) => {
  const end = integerArgument(operand)
  if (end !== 1 && end !== -1) throw new CommandError('FailedToParse', '$pop expects 1 or -1')
  return onArray('$pop', { path, missingPath: 'leave' }, (array) => (end === 1 ? array.slice(0, -1) : array.slice(1)))
}

function onArray(
  operator: string,
  { path, missingPath }: Pick<FieldUpdate, 'path' | 'missingPath'>,
  change: (array: readonly unknown[]) => unknown[],
): FieldUpdate[] {
  return [
    {
      operator,
      path,
      missingPath,
      change(old) {
        if (old === undefined) return missingPath === 'make' ? change([]) : undefined
        if (Array.isArray(old)) return change(old)
        throw new CommandError(
          operator === '$pop' ? 'TypeMismatch' : 'BadValue',
          `Cannot apply ${operator} to a non-array value: the field '${path}' is of type ${typeOf(old)}`,
        )
      },
    },
  ]
}

/** The operators that work on a whole array. */
export const arrayOperators: Readonly<Record<string, OperatorCompiler>> = {
  $push: push,
  $addToSet: addToSet,
  $pull: pull,
  $pullAll: pullAll,
  $pop: pop,
}
