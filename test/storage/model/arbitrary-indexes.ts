import { type Document, Int32 } from 'bson'
import * as fc from 'fast-check'
import { fieldPath } from './arbitrary-documents.ts'

export type Index = { readonly key: Document; readonly sparse: boolean }

const direction = fc.constantFrom(1, -1).map((sign) => new Int32(sign))
const one = fc.tuple(fieldPath, direction).map(([path, sign]): Document => ({ [path]: sign }))
// Of two arrays in one index MongoDB would refuse the document, so that at most one of these fields holds one often.
const two = fc
  .tuple(one, fc.tuple(fc.constantFrom('_id', 'm'), direction))
  .map(([key, [path, sign]]): Document => ({ ...key, [path]: sign }))

/** Indexes on the fields of the random documents; no document is refused for them. */
export const indexes: fc.Arbitrary<Index[]> = fc.uniqueArray(
  fc.record({ key: fc.oneof({ weight: 3, arbitrary: one }, { weight: 1, arbitrary: two }), sparse: fc.boolean() }),
  { maxLength: 3, selector: ({ key }) => JSON.stringify(key) },
)
