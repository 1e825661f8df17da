import { type Document, Int32 } from 'bson'
import * as fc from 'fast-check'
import { frequentPath } from './arbitrary-documents.ts'

export type Index = { readonly key: Document; readonly sparse: boolean }

const direction = fc.constantFrom(1, -1).map((sign) => new Int32(sign))
const one = fc.tuple(frequentPath, direction).map(([path, sign]): Document => ({ [path]: sign }))
// Of two arrays in one index MongoDB would refuse the document, so that at most one of these fields holds one often.
const two = fc
  .tuple(one, fc.constantFrom('_id', '_id', 'm'), direction)
  .map(([key, path, sign]): Document => ({ ...key, [path]: sign }))

/** Indexes on the fields of the random documents; no document is refused for them. */
export const indexes: fc.Arbitrary<Index[]> = fc.uniqueArray(
  fc.record({ key: fc.oneof(one, two), sparse: fc.boolean() }),
  { minLength: 1, maxLength: 5, size: 'max', selector: ({ key }) => JSON.stringify(key) },
)
