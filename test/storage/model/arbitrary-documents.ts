import { Binary, Decimal128, type Document, Double, Int32, Long, ObjectId } from 'bson'
import * as fc from 'fast-check'

const int = fc.integer({ min: -2, max: 3 })

/** Numbers of all four types that are often equal, and now and then at an end of their range. */
export const number = fc.oneof(
  { weight: 5, arbitrary: int.map((one) => new Int32(one)) },
  { weight: 2, arbitrary: int.map((one) => Long.fromNumber(one)) },
  { weight: 2, arbitrary: fc.constantFrom(-1, 0, 0.5, 1, 1.5, 2).map((one) => new Double(one)) },
  { weight: 2, arbitrary: fc.constantFrom('-1', '0', '0.5', '1', '1.0', '1.50', '2E+1').map(decimal) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      new Double(Number.NaN),
      new Double(-0),
      new Double(Infinity),
      new Double(0.1),
      new Int32(2_147_483_647),
      Long.MAX_VALUE,
      Long.fromString('9007199254740993'),
      decimal('NaN'),
      decimal('-Infinity'),
      decimal('0.1'),
    ),
  },
)

function decimal(text: string): Decimal128 {
  return Decimal128.fromString(text)
}

/** Values that hold no others. */
export const scalar = fc.oneof(
  { weight: 5, arbitrary: number },
  { weight: 2, arbitrary: fc.constantFrom('', 'a', 'b', 'ab', 'é', '\u{1f600}') },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false) },
  fc.constantFrom<unknown>(
    new Date(0),
    new Date(5),
    new ObjectId('0'.repeat(24)),
    new ObjectId('1'.repeat(24)),
    new Binary(Buffer.from('a')),
    new Binary(Buffer.from('ab')),
    new Binary(Buffer.from('a'), 128),
  ),
)

const inner = fc.letrec<{ value: unknown; doc: Document; list: unknown[] }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, { weight: 4, arbitrary: scalar }, tie('list'), tie('doc')),
  doc: fc
    .dictionary(fc.constantFrom('x', 'y', 'z'), tie('value'), { maxKeys: 3 })
    .map((made): Document => ({ ...made })),
  list: fc.array(tie('value'), { maxLength: 3 }),
}))

/** Any value, lists and documents a few levels deep. */
export const value = inner.value
/** A document inside another. */
export const embedded = inner.doc

/** A field that is there most of the time. */
function usually<Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: 5, arbitrary }, { weight: 1, arbitrary: fc.constant(undefined) })
}

function withoutMissing(doc: Document): Document {
  return Object.fromEntries(Object.entries(doc).filter(([, one]) => one !== undefined))
}

const pair = fc
  .record({ x: usually(scalar), y: usually(fc.oneof(scalar, fc.array(number, { maxLength: 3 }))) })
  .map(withoutMissing)

/**
 * Documents with a list of documents, a document, a list of scalars and a number in them, mostly; all of these fields
 * may be missing or something else.
 */
export const fields: fc.Arbitrary<Document> = fc
  .record({
    a: usually(fc.oneof({ weight: 6, arbitrary: fc.array(pair, { maxLength: 3 }) }, { weight: 1, arbitrary: value })),
    b: usually(fc.oneof({ weight: 6, arbitrary: embedded }, { weight: 1, arbitrary: value })),
    c: usually(fc.oneof({ weight: 6, arbitrary: fc.array(scalar, { maxLength: 4 }) }, { weight: 1, arbitrary: value })),
    n: usually(fc.oneof({ weight: 6, arbitrary: number }, { weight: 1, arbitrary: value })),
  })
  .map(withoutMissing)

/** Paths of those documents at which there is often something to find. */
export const frequentPath = fc.constantFrom('c', 'n', 'a.x', 'a.y', 'b.x', 'a')

/** Paths of those documents, without positions of arrays. */
export const fieldPath = fc.oneof(
  frequentPath,
  fc.constantFrom('a', 'b', 'c', 'n', 'd', 'a.x', 'a.y', 'b.x', 'b.y', 'b.x.y', 'b.z.x', 'n.x'),
)

/** Documents with an `_id` that is their place. */
export function numbered(docs: readonly Document[]): Document[] {
  return docs.map((doc, place): Document => ({ _id: new Int32(place), ...doc }))
}
