import { Decimal128 } from 'bson'
import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { exactDecimal, type ExactDecimal } from '../exact-decimal.ts'
import { doubleArgument } from '../integer-argument.ts'
import { isNumber, typeOf } from '../value-type.ts'
import { inRange } from './comparison.ts'
import type { ValueTest } from './condition.ts'
import { canonical } from './canonical-value.ts'
import { wholeNumber, type Keyword } from './json-schema-keyword.ts'
import { matchesRegex } from './regex.ts'
import { ofType } from './type-names.ts'

/** The names of JSON for types; its integers MongoDB leaves out. */
const jsonTypes: Readonly<Record<string, string | undefined>> = {
  array: 'array',
  boolean: 'bool',
  null: 'null',
  number: 'number',
  object: 'object',
  string: 'string',
}

function typeNames(name: string, operand: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(operand) ? operand : [operand]
  if (list.length === 0)
    throw new CommandError('FailedToParse', `$jsonSchema keyword '${name}' must name at least one type`)
  const names = list.filter((one): one is string => typeof one === 'string')
  if (names.length < list.length) {
    throw new CommandError(
      'TypeMismatch',
      `$jsonSchema keyword '${name}' must be either a string or an array of strings`,
    )
  }
  if (new Set(names).size < names.length) {
    throw new CommandError('FailedToParse', `$jsonSchema keyword '${name}' has duplicate values`)
  }
  return names
}

const type: Keyword = (operand, schema) => {
  if ('bsonType' in schema) {
    throw new CommandError('FailedToParse', "Cannot specify both $jsonSchema keywords 'type' and 'bsonType'")
  }
  const names = typeNames('type', operand).map((name) => {
    const known = Object.hasOwn(jsonTypes, name) ? jsonTypes[name] : undefined
    if (known !== undefined) return known
    if (name === 'integer') {
      throw new CommandError('FailedToParse', "$jsonSchema type 'integer' is not currently supported.")
    }
    throw new CommandError('BadValue', `Unknown type name alias: ${name}`)
  })
  return ofType(names)
}

const enumeration: Keyword = (operand) => {
  if (!Array.isArray(operand)) throw new CommandError('TypeMismatch', "$jsonSchema keyword 'enum' must be an array")
  if (operand.length === 0) {
    throw new CommandError('FailedToParse', "$jsonSchema keyword 'enum' cannot be an empty array")
  }
  const allowed = new Set(operand.map(canonical))
  if (allowed.size < operand.length) {
    throw new CommandError('FailedToParse', "$jsonSchema keyword 'enum' array cannot contain duplicate values.")
  }
  return (value) => allowed.has(canonical(value))
}

/** A bound that its boolean companion makes exclusive. */
function bound(name: 'minimum' | 'maximum'): Keyword {
  return (operand, schema) => {
    if (!isNumber(operand)) throw new CommandError('TypeMismatch', `$jsonSchema keyword '${name}' must be a number`)
    const exclusive = schema[name === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum'] === true
    const within = inRange(name === 'minimum' ? (exclusive ? '$gt' : '$gte') : exclusive ? '$lt' : '$lte', operand)
    return (value) => !isNumber(value) || within(value)
  }
}

function exclusiveBound(name: string, of: string): Keyword {
  return (operand: unknown, schema: Doc) => {
    if (typeof operand !== 'boolean')
      throw new CommandError('TypeMismatch', `$jsonSchema keyword '${name}' must be a boolean`)
    if (of in schema) return undefined
    throw new CommandError('FailedToParse', `$jsonSchema keyword '${of}' must be a present if ${name} is present`)
  }
}

const multipleOf: Keyword = (operand) => {
  const divisor = isNumber(operand) ? asDecimal(operand) : undefined
  if (divisor === undefined) throw new CommandError('TypeMismatch', "$jsonSchema keyword 'multipleOf' must be a number")
  if (divisor.kind !== 'finite' || divisor.coefficient <= 0n) {
    throw new CommandError('FailedToParse', "$jsonSchema keyword 'multipleOf' must have a positive value")
  }
  return (value) => !isNumber(value) || isMultiple(asDecimal(value), divisor)
}

/** A double counts as its first 15 digits, so that 0.3 is a multiple of 0.1. */
function asDecimal(value: unknown): ExactDecimal {
  const double = typeOf(value) === 'double' ? (doubleArgument(value) as number) : Number.NaN
  return exactDecimal(Number.isFinite(double) ? Decimal128.fromString(double.toPrecision(15)) : value)
}

function isMultiple(value: ExactDecimal, divisor: ExactDecimal): boolean {
  if (value.kind !== 'finite') return false
  const scale = Math.min(value.exponent, divisor.exponent)
  const whole = ({ coefficient, exponent }: ExactDecimal): bigint => coefficient * 10n ** BigInt(exponent - scale)
  return whole(value) % whole(divisor) === 0n
}

/** Lengths count code points. */
function length(name: string, holds: (count: number, limit: number) => boolean): Keyword {
  return (operand) => {
    const limit = wholeNumber(name, operand)
    return (value) => typeof value !== 'string' || holds(Array.from(value).length, limit)
  }
}

const pattern: Keyword = (operand) => {
  if (typeof operand !== 'string')
    throw new CommandError('TypeMismatch', "$jsonSchema keyword 'pattern' must be a string")
  const test: ValueTest = matchesRegex(operand, '')
  return (value) => typeOf(value) !== 'string' || test(value)
}

/** What a schema can say of a value that is neither a document nor an array. */
export const scalarKeywords: Readonly<Record<string, Keyword>> = {
  type,
  bsonType: (operand) => ofType(typeNames('bsonType', operand)),
  enum: enumeration,
  minimum: bound('minimum'),
  maximum: bound('maximum'),
  exclusiveMinimum: exclusiveBound('exclusiveMinimum', 'minimum'),
  exclusiveMaximum: exclusiveBound('exclusiveMaximum', 'maximum'),
  multipleOf,
  minLength: length('minLength', (count, limit) => count >= limit),
  maxLength: length('maxLength', (count, limit) => count <= limit),
  pattern,
}
