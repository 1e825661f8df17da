import { Decimal128 } from 'bson'
import { asExactDouble } from './compare-numbers.ts'
import { compareSameRank, rankOf } from './compare-values.ts'
import { isDoc, typeOf } from './value-type.ts'

/** Whether two values are the same in type and content, so that storing one for the other changes nothing. */
export function identical(a: unknown, b: unknown): boolean {
  if (a === b) return true
  const type = typeOf(a)
  if (type !== typeOf(b)) return false
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((element, index) => identical(element, b[index]))
  }
  if (isDoc(a) && isDoc(b)) {
    const fields = Object.keys(a)
    const others = Object.keys(b)
    if (fields.length !== others.length) return false
    return fields.every((field, index) => field === others[index] && identical(a[field], b[field]))
  }
  // Equal decimals may differ in their trailing zeros, 0 and -0 in their sign.
  if (a instanceof Decimal128 && b instanceof Decimal128) return Buffer.compare(a.bytes, b.bytes) === 0
  if (type === 'double') return Object.is(asExactDouble(a), asExactDouble(b))
  return compareSameRank(rankOf(a), a, b) === 0
}
