import type { Document } from 'bson'
import * as fc from 'fast-check'
import { arbitraryNumber, arbitraryValue } from './query/arbitrary-values.ts'

const field = fc.constantFrom('a', 'b', 'c')
const path = fc.oneof(
  field,
  fc.tuple(field, fc.constantFrom('a', 'b', '0', '1')).map((parts) => parts.join('.')),
)
const fields = fc.dictionary(field, arbitraryValue, { maxKeys: 3 }).map((found): Document => ({ ...found }))

const comparison = fc.oneof(
  fc.tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), arbitraryValue),
  fc.tuple(fc.constantFrom('$in', '$nin', '$all'), fc.array(arbitraryValue, { maxLength: 3 })),
  fc.tuple(fc.constant('$exists'), fc.boolean()),
  fc.tuple(fc.constant('$size'), fc.nat(3)),
  fc.tuple(
    fc.constant('$type'),
    fc.constantFrom('number', 'int', 'long', 'double', 'decimal', 'string', 'null', 'array'),
  ),
  fc.tuple(
    fc.constant('$elemMatch'),
    arbitraryNumber.map((least) => ({ $gte: least })),
  ),
)
const condition = fc
  .tuple(path, fc.array(comparison, { minLength: 1, maxLength: 2 }))
  .map(([at, operators]): Document => ({ [at]: Object.fromEntries(operators) }))
const filter = fc.oneof(
  fc.constant<Document>({}),
  condition,
  fc
    .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(condition, { minLength: 1, maxLength: 3 }))
    .map(([logic, conditions]): Document => ({ [logic]: conditions })),
)

const update = fc
  .array(
    fc.oneof(
      fc.tuple(fc.constantFrom('$set', '$push', '$addToSet', '$pull', '$min', '$max'), path, arbitraryValue),
      fc.tuple(fc.constantFrom('$inc', '$mul'), path, arbitraryNumber),
      fc.tuple(fc.constant('$unset'), path, fc.constant('')),
      fc.tuple(fc.constant('$pop'), path, fc.constantFrom(1, -1)),
      fc.tuple(fc.constant('$rename'), path, path),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => {
    const whole: Document = {}
    for (const [operator, at, operand] of parts) whole[operator] = { ...whole[operator], [at]: operand }
    return whole
  })

const sort = fc
  .uniqueArray(fc.tuple(path, fc.constantFrom<1 | -1>(1, -1)), { maxLength: 2, selector: ([at]) => at })
  .map((keys): Document => Object.fromEntries([...keys, ['_id', 1]]))

const accumulator = fc
  .tuple(fc.constantFrom('$sum', '$min', '$max', '$avg', '$first', '$last', '$push'), path)
  .map(([name, at]): Document => ({ [name]: `$${at}` }))
const stage = fc.oneof(
  filter.map((matched): Document => ({ $match: matched })),
  sort.map((keys): Document => ({ $sort: keys })),
  fc.integer({ min: 1, max: 5 }).map((limit): Document => ({ $limit: limit })),
  fc.nat(3).map((skip): Document => ({ $skip: skip })),
  path.map((at): Document => ({ $unwind: `$${at}` })),
  fc.tuple(field, path).map(([name, at]): Document => ({ $addFields: { [name]: `$${at}` } })),
  fc.tuple(path, fc.constantFrom(0, 1)).map(([at, kept]): Document => ({ $project: { [at]: kept } })),
  fc.tuple(path, accumulator).map(([by, sum]): Document => ({ $group: { _id: `$${by}`, of: sum } })),
)

export type Step =
  | { readonly kind: 'find'; readonly filter: Document; readonly sort: Document }
  | { readonly kind: 'update'; readonly filter: Document; readonly update: Document }
  | { readonly kind: 'aggregate'; readonly pipeline: Document[] }

const step = fc.oneof(
  fc.record({ kind: fc.constant('find' as const), filter, sort }),
  fc.record({ kind: fc.constant('update' as const), filter, update }),
  fc
    .array(stage, { minLength: 1, maxLength: 3 })
    // A sort first, so that $first, $limit and the like have one answer.
    .map((stages): Step => ({ kind: 'aggregate', pipeline: [{ $sort: { _id: 1 } }, ...stages] })),
)

/** A collection, its indexes, and commands on it one after the other. */
export const scene = fc.record({
  docs: fc.array(fields, { maxLength: 12 }).map((all) => all.map((doc, _id): Document => ({ ...doc, _id }))),
  indexes: fc.uniqueArray(path, { maxLength: 2 }),
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
})
