import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'bson'
import { CommandError } from '../errors.ts'
import type { Doc } from './bson.ts'

/** BSON type names as `$type` spells them; `missing` is no value at all. */
export type ValueType =
  | 'missing'
  | 'minKey'
  | 'null'
  | 'int'
  | 'long'
  | 'double'
  | 'decimal'
  | 'string'
  | 'symbol'
  | 'object'
  | 'array'
  | 'binData'
  | 'objectId'
  | 'bool'
  | 'date'
  | 'timestamp'
  | 'regex'
  | 'javascript'
  | 'javascriptWithScope'
  | 'maxKey'

/**
 * What an empty array contributes to a sort or an index: MongoDB's undefined, after MinKey and before null.
 * It never occurs in a document.
 */
export const emptyArrayKey: unique symbol = Symbol('empty array')

// By prototype and not by `_bsontype`: a client may send a document with a field of that name.
const typesByPrototype = new Map<unknown, ValueType>([
  [Object.prototype, 'object'],
  [null, 'object'],
  [Array.prototype, 'array'],
  [Int32.prototype, 'int'],
  [Long.prototype, 'long'],
  [Double.prototype, 'double'],
  [Decimal128.prototype, 'decimal'],
  [ObjectId.prototype, 'objectId'],
  [Date.prototype, 'date'],
  [Binary.prototype, 'binData'],
  [UUID.prototype, 'binData'],
  [Timestamp.prototype, 'timestamp'],
  [BSONRegExp.prototype, 'regex'],
  [BSONSymbol.prototype, 'symbol'],
  [MinKey.prototype, 'minKey'],
  [MaxKey.prototype, 'maxKey'],
])

/** The BSON type of a value. Plain JavaScript numbers count as what bson would write them as. */
export function typeOf(value: unknown): ValueType {
  switch (typeof value) {
    case 'undefined':
      return 'missing'
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
      return Number.isInteger(value) && (value | 0) === value && !Object.is(value, -0) ? 'int' : 'double'
    case 'bigint':
      return 'long'
    case 'object': {
      if (value === null) return 'null'
      const type = typesByPrototype.get(Object.getPrototypeOf(value))
      if (type !== undefined) return type
      if (value instanceof Code) return value.scope ? 'javascriptWithScope' : 'javascript'
    }
  }
  throw new CommandError('BadValue', `a value of an unknown BSON type: ${String(value)}`)
}

/** Whether the value is a document, not an array and not a typed value. */
export function isDoc(value: unknown): value is Doc {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Whether the value is a 64-bit integer; a Timestamp, which bson derives from Long, is not. */
export function isLong(value: unknown): value is Long {
  return value instanceof Long && !(value instanceof Timestamp)
}

/** Whether the value is of one of the four numeric types. */
export function isNumber(value: unknown): boolean {
  return (
    value instanceof Int32 ||
    value instanceof Double ||
    isLong(value) ||
    value instanceof Decimal128 ||
    typeof value === 'number' ||
    typeof value === 'bigint'
  )
}
