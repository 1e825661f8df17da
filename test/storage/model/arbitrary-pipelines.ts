import { type Document, Double, Int32, Long } from 'bson'
import * as fc from 'fast-check'
import { fieldPath, scalar, value } from './arbitrary-documents.ts'
import { filter } from './arbitrary-filters.ts'

const reference = fieldPath.map((path) => `$${path}`)
const literal = value.map((one): Document => ({ $literal: one }))
const fieldName = fc.constantFrom('a', 'b', 'n', 'd', 'e')
const dotted = fc.constantFrom('a', 'b', 'd', 'a.x', 'a.z', 'b.x', 'b.z.y', 'd.x', 'n.x', 'c.x')

/** Expressions of the kinds that show how missing values, null, arrays and types are taken. */
const expression: fc.Arbitrary<unknown> = fc.letrec<{ one: unknown }>((tie) => {
  const two = fc.tuple(tie('one'), tie('one'))
  return {
    one: fc.oneof(
      { depthSize: 'small', maxDepth: 2 },
      { weight: 6, arbitrary: reference },
      { weight: 2, arbitrary: literal },
      fc.constant('$$ROOT'),
      fc.tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$cmp'), two).map(operator),
      fc.tuple(fc.constantFrom('$and', '$or', '$ifNull'), two).map(operator),
      fc.tuple(fc.constant('$cond'), fc.tuple(tie('one'), tie('one'), tie('one'))).map(operator),
      fc.tuple(fc.constantFrom('$not', '$isArray'), fc.tuple(tie('one'))).map(operator),
      fc.tuple(fc.constantFrom('$concatArrays', '$mergeObjects'), fc.tuple(reference, reference)).map(operator),
      fc.constantFrom('$a', '$c', '$n').map((path): Document => ({ $size: path })),
      fc.tuple(tie('one'), tie('one')).map(([x, y]): Document => ({ x, y })),
      fc.array(reference, { maxLength: 2 }),
    ),
  }
}).one

function operator([name, operands]: [string, readonly unknown[]]): Document {
  return { [name]: operands }
}

const whole = fc.integer({ min: 1, max: 4 }).map((one) => new Int32(one))
const directed = fc.tuple(fieldPath, fc.constantFrom(1, -1))
/** The `_id` comes last, so that the order is known. */
const sort = directed.map(([path, sign]): Document => ({ [path]: new Int32(sign), _id: new Int32(1) }))

const accumulator = fc
  .tuple(
    fc.constantFrom('$sum', '$sum', '$avg', '$avg', '$min', '$max', '$first', '$last', '$push'),
    fc.oneof({ weight: 3, arbitrary: reference }, { weight: 1, arbitrary: expression }),
  )
  .map(([name, operand]): Document => ({ [name]: Array.isArray(operand) ? { $literal: operand } : operand }))
const otherAccumulator = fc.oneof(
  reference.map((path): Document => ({ $addToSet: path })),
  fc.constantFrom('$b', '$a', '$d').map((path): Document => ({ $mergeObjects: path })),
  fc.constant<Document>({ $count: {} }),
)
const key = fc.oneof(
  { weight: 3, arbitrary: reference },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: expression },
  { weight: 1, arbitrary: fc.tuple(reference, reference).map(([x, y]): Document => ({ x, y })) },
  { weight: 1, arbitrary: reference.map((x): Document => ({ x })) },
)
const group = fc
  .tuple(
    key,
    fc.array(fc.oneof({ weight: 5, arbitrary: accumulator }, { weight: 2, arbitrary: otherAccumulator }), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([_id, fields]): Document => ({
    _id,
    ...Object.fromEntries(fields.map((one, place) => [`f${place}`, one])),
  }))

const inclusion = fc.oneof(
  { weight: 3, arbitrary: fc.constant<unknown>(new Int32(1)) },
  { weight: 2, arbitrary: expression.filter((one) => one !== null) },
)
const withoutId = fc.constantFrom<Document>({}, {}, { _id: new Int32(0) })

/** Of two paths, one inside the other, only one may be named. */
function withoutCollisions(paths: readonly (readonly [string, unknown])[]): Document {
  const taken: (readonly [string, unknown])[] = []
  for (const [path, one] of paths) {
    const collides = taken.some(([other]) => `${other}.`.startsWith(`${path}.`) || `${path}.`.startsWith(`${other}.`))
    if (!collides) taken.push([path, one])
  }
  return Object.fromEntries(taken)
}

const project = fc.oneof(
  fc
    .tuple(fc.array(fc.tuple(dotted, inclusion), { minLength: 1, maxLength: 3 }), withoutId)
    .map(([paths, id]): Document => ({ ...withoutCollisions(paths), ...id })),
  fc
    .tuple(fc.array(dotted, { minLength: 1, maxLength: 3 }), withoutId)
    .map(([paths, id]): Document => ({ ...withoutCollisions(paths.map((path) => [path, false])), ...id })),
)
const added = fc.array(fc.tuple(dotted, expression), { minLength: 1, maxLength: 3 }).map(withoutCollisions)

const unwind = fc.oneof(
  reference,
  fc
    .tuple(
      reference,
      fc.record(
        { preserveNullAndEmptyArrays: fc.boolean(), includeArrayIndex: fc.constant('i') },
        { requiredKeys: [] },
      ),
    )
    .map(([path, options]): Document => ({ path, ...options })),
)

const lookup = fc.oneof(
  fc
    .tuple(
      fieldPath,
      fieldPath,
      fc.array(fc.oneof(filter.map(matching), fc.constant<Document>({ $sort: { _id: new Int32(-1) } })), {
        maxLength: 2,
      }),
    )
    .map(([localField, foreignField, pipeline]): Document => ({
      localField,
      foreignField,
      ...(pipeline.length > 0 ? { pipeline } : {}),
    })),
  fc.tuple(reference, reference).map(([local, foreign]): Document => ({
    let: { v: local },
    pipeline: [{ $match: { $expr: { $eq: [foreign, '$$v'] } } }, { $project: { n: new Int32(1) } }],
  })),
)

function matching(one: Document): Document {
  return { $match: one }
}

const perDocument: fc.Arbitrary<Document> = fc.oneof(
  { weight: 2, arbitrary: filter.map(matching) },
  { weight: 3, arbitrary: project.map((spec): Document => ({ $project: spec })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('$addFields', '$set'), added)
      .map(([name, spec]): Document => ({ [name]: spec })),
  },
  fc
    .oneof(dotted, fc.uniqueArray(fieldName, { minLength: 1, maxLength: 2 }))
    .map((paths): Document => ({ $unset: paths })),
  { weight: 2, arbitrary: unwind.map((spec): Document => ({ $unwind: spec })) },
  fc.oneof(fc.constantFrom('$b', '$d'), expression).map((newRoot): Document => ({ $replaceRoot: { newRoot } })),
  fc.constantFrom('$b', '$$ROOT').map((root): Document => ({ $replaceWith: { $mergeObjects: [root, { k: '$n' }] } })),
  fc
    .tuple(lookup, fc.constantFrom('j', 'c'))
    .map(([spec, as]): Document => ({ $lookup: { from: 'foreign', ...spec, as } })),
)
const ordered: fc.Arbitrary<Document> = fc.oneof(
  { weight: 2, arbitrary: sort.map((spec): Document => ({ $sort: spec })) },
  whole.map((limit): Document => ({ $limit: limit })),
  whole.map((skip): Document => ({ $skip: skip })),
)
const graph = fc
  .tuple(
    fc.constantFrom('$n', '$c', '$b.x', '$a.x'),
    fc.constantFrom('n', 'a', 'c', 'b.x'),
    fc.constantFrom('n', 'a', 'c', 'b.x'),
    fc.record(
      { maxDepth: fc.nat(2).map((most) => new Int32(most)), depthField: fc.constant('depth') },
      { requiredKeys: [] },
    ),
  )
  .map(([startWith, connectFromField, connectToField, options]): Document => ({
    $graphLookup: { from: 'foreign', startWith, connectFromField, connectToField, as: 'g', ...options },
  }))
const bucket = fc
  .tuple(
    reference,
    fc.constantFrom(
      [new Int32(-1), new Double(0.5), new Int32(2)],
      ['', 'ab', 'b'],
      [new Double(Number.NaN), Long.fromNumber(0), new Int32(3)],
    ),
    fc.constantFrom<Document>({}, { default: true }, { default: true }, { default: null }),
    fc.constantFrom<Document>({}, { output: { m: { $max: '$n' }, all: { $push: '$_id' } } }),
  )
  .map(([groupBy, boundaries, other, output]): Document => ({ $bucket: { groupBy, boundaries, ...other, ...output } }))

const last: fc.Arbitrary<Document> = fc.oneof(
  { weight: 6, arbitrary: group.map((spec): Document => ({ $group: spec })) },
  { weight: 1, arbitrary: fc.constant<Document>({ $count: 'many' }) },
  { weight: 2, arbitrary: reference.map((path): Document => ({ $sortByCount: path })) },
  { weight: 2, arbitrary: bucket },
  { weight: 2, arbitrary: graph },
  {
    weight: 1,
    arbitrary: filter.map((one): Document => ({ $unionWith: { coll: 'foreign', pipeline: [{ $match: one }] } })),
  },
)

const some = (arbitrary: fc.Arbitrary<Document>, maxLength: number): fc.Arbitrary<Document[]> =>
  fc.array(arbitrary, { maxLength })

const stages = fc
  .tuple(
    some(fc.oneof(perDocument, ordered), 3),
    fc.oneof({ weight: 3, arbitrary: fc.tuple(last) }, some(last, 1)),
    some(perDocument, 1),
  )
  .map((parts) => parts.flat())
const facet = fc
  .array(stages, { minLength: 1, maxLength: 3 })
  .map((all): Document => ({ $facet: Object.fromEntries(all.map((one, place) => [`f${place}`, one])) }))

/** A pipeline whose documents come in a known order: first an optional `$match`, then a `$sort`. */
export const pipeline: fc.Arbitrary<Document[]> = fc
  .tuple(
    fc.oneof(fc.constant<Document[]>([]), fc.tuple(filter.map(matching))),
    sort,
    fc.oneof({ weight: 8, arbitrary: stages }, { weight: 1, arbitrary: fc.tuple(facet) }),
  )
  .map(([matched, order, others]) => [...matched, { $sort: order }, ...others])

/** Values for the fields by which a join looks. */
export const foreignDocs = fc.array(
  fc.record(
    { a: scalar, n: scalar, b: fc.record({ x: scalar }), c: fc.array(scalar, { maxLength: 2 }) },
    { requiredKeys: [] },
  ),
  { maxLength: 5 },
)
