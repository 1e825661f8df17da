import { type Document, Int32 } from 'bson'
import * as fc from 'fast-check'
import { embedded, fieldPath, number, scalar, value } from './arbitrary-documents.ts'

const range = fc.constantFrom('$gt', '$gte', '$lt', '$lte')
const listed = fc.array(scalar, { maxLength: 3 })

/** One operator on one value, without negation: what can point at an element of an array. */
export const comparison: fc.Arbitrary<Document> = fc.oneof(
  fc.tuple(range, scalar).map(([name, operand]): Document => ({ [name]: operand })),
  fc.tuple(range, number).map(([name, operand]): Document => ({ [name]: operand })),
  value.map((operand): Document => ({ $eq: operand })),
  listed.map((operands): Document => ({ $in: operands })),
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('$gt', '$gte'), number, fc.constantFrom('$lt', '$lte'), number)
      .map(([above, from, below, to]): Document => ({ [above]: from, [below]: to })),
  },
)

const operators: fc.Arbitrary<Document> = fc.oneof(
  { weight: 4, arbitrary: comparison },
  value.map((operand): Document => ({ $ne: operand })),
  listed.map((operands): Document => ({ $nin: operands })),
  listed.map((operands): Document => ({ $all: operands })),
  fc.boolean().map((exists): Document => ({ $exists: exists })),
  fc.nat(3).map((size): Document => ({ $size: new Int32(size) })),
  comparison.map((operand): Document => ({ $not: operand })),
  comparison.map((operand): Document => ({ $elemMatch: operand })),
  fc.tuple(fc.constantFrom('x', 'y'), comparison).map(([at, one]): Document => ({ $elemMatch: { [at]: one } })),
)

const condition = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: fieldPath }, fc.constantFrom('a.0', 'a.0.x', 'c.1', 'b.x.0')),
    fc.oneof({ weight: 6, arbitrary: operators }, { weight: 2, arbitrary: scalar }, embedded),
  )
  .map(([at, operand]): Document => ({ [at]: operand }))

/** A filter of the supported operators. */
export const filter: fc.Arbitrary<Document> = fc.oneof(
  { weight: 3, arbitrary: condition },
  { weight: 1, arbitrary: fc.constant<Document>({}) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(condition, { minLength: 1, maxLength: 3 }))
      .map(([logic, conditions]): Document => ({ [logic]: conditions })),
  },
)
