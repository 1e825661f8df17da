import type { Binary, BSONRegExp, BSONSymbol, Code, ObjectId, Timestamp } from 'bson'
import type { Doc } from './bson.ts'
import { compareNumbers } from './compare-numbers.ts'
import { emptyArrayKey, typeOf, type ValueType } from './value-type.ts'

/** MongoDB's order of types; types of one rank are compared by value. A missing value counts as null. */
export const typeRanks: Readonly<Record<ValueType, number>> = {
  minKey: 0,
  missing: 5,
  null: 5,
  int: 10,
  long: 10,
  double: 10,
  decimal: 10,
  string: 15,
  symbol: 15,
  object: 20,
  array: 25,
  binData: 30,
  objectId: 35,
  bool: 40,
  date: 45,
  timestamp: 47,
  regex: 50,
  javascript: 60,
  javascriptWithScope: 65,
  maxKey: 127,
}

/** The rank of {@link emptyArrayKey}: after MinKey, before null. */
export const emptyArrayRank = 1

/** The place of a value's type in MongoDB's order of types. */
export function rankOf(value: unknown): number {
  return value === emptyArrayKey ? emptyArrayRank : typeRanks[typeOf(value)]
}

/**
 * MongoDB's order over all BSON values: first by type, then numbers by exact value, strings by UTF-8 bytes,
 * objects field by field, binary by length. A total order; 0 means equal to MongoDB.
 */
export function compareValues(a: unknown, b: unknown): number {
  const rank = rankOf(a)
  const other = rankOf(b)
  return rank === other ? compareSameRank(rank, a, b) : rank < other ? -1 : 1
}

/** Compares two values whose types are known to have the same rank. */
export function compareSameRank(rank: number, a: unknown, b: unknown): number {
  switch (rank) {
    case typeRanks.int:
      return compareNumbers(a, b)
    case typeRanks.string:
      return compareStrings(textOf(a), textOf(b))
    case typeRanks.object:
      return compareObjects(a as Doc, b as Doc)
    case typeRanks.array:
      return compareArrays(a as unknown[], b as unknown[])
    case typeRanks.binData:
      return compareBinary(a as Binary, b as Binary)
    case typeRanks.objectId:
      return compareBytes((a as ObjectId).id, (b as ObjectId).id)
    case typeRanks.bool:
    case typeRanks.date:
      return Number(a) - Number(b)
    case typeRanks.timestamp:
      return (a as Timestamp).compare(b as Timestamp)
    case typeRanks.regex: {
      const [x, y] = [a as BSONRegExp, b as BSONRegExp]
      return compareStrings(x.pattern, y.pattern) || compareStrings(x.options, y.options)
    }
    case typeRanks.javascript:
      return compareStrings((a as Code).code, (b as Code).code)
    case typeRanks.javascriptWithScope: {
      const [x, y] = [a as Code, b as Code]
      return compareStrings(x.code, y.code) || compareObjects(x.scope as Doc, y.scope as Doc)
    }
    default:
      return 0
  }
}

/** Compares strings as their UTF-8 bytes, which is by code point and not, as JavaScript does, by UTF-16 unit. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index)
    const y = b.charCodeAt(index)
    if (x !== y) return codePointOrder(x) < codePointOrder(y) ? -1 : 1
  }
  return a.length < b.length ? -1 : 1
}

/** Surrogates stand for code points above all other units. */
function codePointOrder(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (value as BSONSymbol).value
}

function compareObjects(a: Doc, b: Doc): number {
  const fields = Object.keys(a)
  const others = Object.keys(b)
  const length = Math.min(fields.length, others.length)
  for (let index = 0; index < length; index++) {
    const field = fields[index] as string
    const other = others[index] as string
    const x = a[field]
    const y = b[other]
    const rank = rankOf(x)
    const otherRank = rankOf(y)
    if (rank !== otherRank) return rank < otherRank ? -1 : 1
    const order = compareStrings(field, other) || compareSameRank(rank, x, y)
    if (order !== 0) return order
  }
  return fields.length - others.length
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const order = compareValues(a[index], b[index])
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareBinary(a: Binary, b: Binary): number {
  return a.length() - b.length() || a.sub_type - b.sub_type || compareBytes(bytesOf(a), bytesOf(b))
}

/** The bytes in use; a Binary's buffer may be longer. */
export function bytesOf(value: Binary): Uint8Array {
  return value.buffer.subarray(0, value.position)
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const order = (a[index] as number) - (b[index] as number)
    if (order !== 0) return order
  }
  return a.length - b.length
}
