import { Int32, type Long, Timestamp } from 'bson'
import { CommandError } from '../../errors.ts'
import { add, type BsonNumber, integerOf, integerResult, multiply } from '../arithmetic.ts'
import { compareValues } from '../compare-values.ts'
import { isDoc, isNumber, typeOf } from '../value-type.ts'
import type { FieldUpdate, OperatorCompiler } from './field-update.ts'

function creating(operator: string, path: string, change: FieldUpdate['change']): FieldUpdate[] {
  return [{ operator, path, missingPath: 'make', change }]
}

const set: OperatorCompiler = (path, operand) => creating('$set', path, () => operand)

const setOnInsert: OperatorCompiler = (path, operand) => [
  {
    operator: '$setOnInsert',
    path,
    missingPath: 'make',
    applies: ({ inserting }) => inserting,
    change: () => operand,
  },
]

const unset: OperatorCompiler = (path) => [{ operator: '$unset', path, missingPath: 'ignore', change: () => undefined }]

const increment: OperatorCompiler = (path, operand) => {
  if (!isNumber(operand)) {
    throw new CommandError('TypeMismatch', `Cannot increment with non-numeric argument: {${path}: ${typeOf(operand)}}`)
  }
  return creating('$inc', path, (old) =>
    old === undefined ? operand : kept(old, combined('$inc', path, add(target('$inc', path, old), operand))),
  )
}

const multiplyBy: OperatorCompiler = (path, operand) => {
  if (!isNumber(operand)) {
    throw new CommandError('TypeMismatch', `Cannot multiply with non-numeric argument: {${path}: ${typeOf(operand)}}`)
  }
  // A missing field becomes zero in the operand's type.
  return creating('$mul', path, (old) =>
    kept(old, combined('$mul', path, multiply(old === undefined ? new Int32(0) : target('$mul', path, old), operand))),
  )
}

function target(operator: string, path: string, old: unknown): unknown {
  if (isNumber(old)) return old
  throw new CommandError(
    'TypeMismatch',
    `Cannot apply ${operator} to a value of non-numeric type: the field '${path}' is of type ${typeOf(old)}`,
  )
}

function combined(operator: string, path: string, result: BsonNumber | 'overflow'): BsonNumber {
  if (result !== 'overflow') return result
  throw new CommandError('BadValue', `Failed to apply ${operator} operations to the field '${path}': out of 64 bits`)
}

/** An equal number of the same type is no change to MongoDB: 2E+1 does not become 20, nor 0 become -0. */
function kept(old: unknown, result: BsonNumber): unknown {
  return typeOf(old) === typeOf(result) && compareValues(old, result) === 0 ? old : result
}

const minimum: OperatorCompiler = (path, operand) =>
  creating('$min', path, (old) => (old === undefined || compareValues(operand, old) < 0 ? operand : old))

const maximum: OperatorCompiler = (path, operand) =>
  creating('$max', path, (old) => (old === undefined || compareValues(operand, old) > 0 ? operand : old))

const currentDate: OperatorCompiler = (path, operand) => {
  const type = currentDateType(operand)
  return creating('$currentDate', path, () =>
    type === 'date' ? new Date() : new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 }),
  )
}

function currentDateType(operand: unknown): 'date' | 'timestamp' {
  if (typeof operand === 'boolean') return 'date'
  if (isDoc(operand)) {
    const { $type: type, ...others } = operand
    if ((type === 'date' || type === 'timestamp') && Object.keys(others).length === 0) return type
  }
  throw new CommandError(
    'BadValue',
    `$currentDate takes a boolean or { $type: 'timestamp' | 'date' }, not a value of type ${typeOf(operand)}`,
  )
}

type BitOperation = (a: bigint, b: bigint) => bigint

const bitOperations: Readonly<Record<string, BitOperation | undefined>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
}

const bit: OperatorCompiler = (path, operand) => {
  if (!isDoc(operand) || Object.keys(operand).length === 0) {
    throw new CommandError('BadValue', `The $bit modifier takes { <and|or|xor>: <integer> } for the field '${path}'`)
  }
  const steps = Object.entries(operand).map(([name, mask]) => {
    const operation = Object.hasOwn(bitOperations, name) ? bitOperations[name] : undefined
    if (operation === undefined) {
      throw new CommandError('BadValue', `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}'`)
    }
    return { operation, mask: bitValue(path, mask) }
  })
  return creating('$bit', path, (old) => {
    let value: Int32 | Long = old === undefined ? new Int32(0) : bitValue(path, old)
    for (const { operation, mask } of steps) {
      const narrow = value instanceof Int32 && mask instanceof Int32
      value = integerResult(operation(integerOf(value), integerOf(mask)), narrow) as Int32 | Long
    }
    return value
  })
}

function bitValue(path: string, value: unknown): Int32 | Long {
  const type = typeOf(value)
  if (type === 'int' || type === 'long') return integerResult(integerOf(value), type === 'int') as Int32 | Long
  throw new CommandError('BadValue', `Cannot apply $bit to a value of non-integral type ${type} at '${path}'`)
}

/** The operators that set one value from the old one. */
export const scalarOperators: Readonly<Record<string, OperatorCompiler>> = {
  $set: set,
  $setOnInsert: setOnInsert,
  $unset: unset,
  $inc: increment,
  $mul: multiplyBy,
  $min: minimum,
  $max: maximum,
  $currentDate: currentDate,
  $bit: bit,
}
