import { Binary, type Document, ObjectId } from 'bson'
import { compareExact, exactly, numberType } from './numbers.ts'

/** Whether a value is an embedded document: no array, and none of the types that are objects in JavaScript only. */
export function isDocument(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null) return false
  return !Array.isArray(value) && !(value instanceof Date) && !('_bsontype' in value)
}

/** An empty array as a key of a sort or an index: MongoDB's undefined, which comes before null. */
export const emptyArray = Symbol('empty array')

/**
 * The place of a value's type in the manual's list "Comparison/Sort Order". Undefined stands for a missing value,
 * which queries and sorts take for null.
 */
export function rank(value: unknown): number {
  if (value === emptyArray) return 0
  if (value === null || value === undefined) return 1
  if (numberType(value) !== undefined) return 2
  if (typeof value === 'string') return 3
  if (isDocument(value)) return 4
  if (Array.isArray(value)) return 5
  if (value instanceof Binary) return 6
  if (value instanceof ObjectId) return 7
  if (typeof value === 'boolean') return 8
  if (value instanceof Date) return 9
  throw new Error('a type that the model does not know')
}

/** MongoDB's order of all values, slowly; 0 means equal, whatever the types of numbers. */
export function compare(a: unknown, b: unknown): number {
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  switch (rank(a)) {
    case 2:
      return compareExact(exactly(a), exactly(b))
    case 3:
      return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string))
    case 4:
      return compareLists(triples(a as Document), triples(b as Document))
    case 5:
      return compareLists(a as unknown[], b as unknown[])
    case 6: {
      const [x, y] = [a as Binary, b as Binary]
      return x.length() - y.length() || x.sub_type - y.sub_type || Buffer.compare(x.value(), y.value())
    }
    case 7:
      return Buffer.compare((a as ObjectId).id, (b as ObjectId).id)
    case 8:
    case 9:
      return Number(a) - Number(b)
    default:
      return 0
  }
}

/** Documents compare field by field: the type of the value, the name, the value. */
function triples(doc: Document): unknown[] {
  return Object.entries(doc).flatMap(([field, value]) => [rank(value), field, value])
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compare(a[index], b[index])
    if (order !== 0) return order
  }
  return a.length - b.length
}
