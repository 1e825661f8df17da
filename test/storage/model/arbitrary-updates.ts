import { type Document, Int32 } from 'bson'
import * as fc from 'fast-check'
import { embedded, fields, number, scalar, value } from './arbitrary-documents.ts'
import { comparison } from './arbitrary-filters.ts'
import type { Request } from './update-model.ts'

/** The document of one update: its operators with their fields. */
type Clause = readonly [operator: string, path: string, operand: unknown]

function pathsOf(...lists: readonly string[]): fc.Arbitrary<string> {
  return fc.constantFrom(...lists.flatMap((list) => list.split(' ')))
}

const plainPath = pathsOf(
  'a b c n d b.x b.y b.z b.x.y d.x d.y.z n.x a.x',
  'a.0 a.1 a.5 a.0.x a.1.y a.3.x a.0.y.1 c.0 c.2 c.6 b.x.0 d.0',
)
const arrayPath = fc.constantFrom('a', 'c', 'c', 'd', 'b.x', 'b.y', 'a.0.y', 'a.1', 'n', 'b.z.x')
const scalarPath = fc.constantFrom('n', 'n', 'd', 'b.x', 'b.y', 'a.0.x', 'a.1.x', 'c.0', 'c.1', 'c.4', 'd.x')
const positionalPath = pathsOf(
  'a.$ a.$.x a.$.y c.$ b.x.$ b.$',
  'a.$[] a.$[].x a.$[].y a.$[].y.$[] c.$[] b.x.$[] d.$[] n.$[].x',
  'a.$[e] a.$[e].x a.$[e].y a.$[].y.$[e] c.$[e] a.$[e].y.$[f] c.$[f]',
)
const anyPath = fc.oneof({ weight: 3, arbitrary: plainPath }, { weight: 2, arbitrary: positionalPath })

const count = fc.integer({ min: -4, max: 4 }).map((one) => new Int32(one))
const direction = fc.constantFrom(1, -1).map((one) => new Int32(one))
const elements = fc.array(fc.oneof(scalar, fc.record({ x: scalar, y: number }, { requiredKeys: [] })), { maxLength: 3 })

const pushed: fc.Arbitrary<unknown> = fc.oneof(
  value,
  fc
    .tuple(
      elements,
      fc.record(
        {
          $position: count,
          $slice: count,
          $sort: fc.oneof(
            direction,
            fc.tuple(fc.constantFrom('x', 'y', 'x.y'), direction).map(([at, sign]): Document => ({ [at]: sign })),
          ),
        },
        { requiredKeys: [] },
      ),
    )
    .map(([each, modifiers]): Document => ({ $each: each, ...modifiers })),
)

const pulled: fc.Arbitrary<unknown> = fc.oneof(
  scalar,
  value,
  comparison,
  fc.tuple(fc.constantFrom('x', 'y'), fc.oneof(scalar, comparison)).map(([at, one]): Document => ({ [at]: one })),
)

const mask = fc
  .tuple(fc.constantFrom('and', 'or', 'xor'), fc.oneof({ weight: 4, arbitrary: count }, number))
  .map(([name, bits]): Document => ({ [name]: bits }))

function clauses(operator: string, path: fc.Arbitrary<string>, operand: fc.Arbitrary<unknown>): fc.Arbitrary<Clause> {
  return fc.tuple(fc.constant(operator), path, operand)
}

const numeric = fc.oneof({ weight: 2, arbitrary: scalarPath }, { weight: 1, arbitrary: anyPath })
const arrays = fc.oneof({ weight: 3, arbitrary: arrayPath }, { weight: 1, arbitrary: anyPath })

const sensible: fc.Arbitrary<Clause> = fc.oneof(
  clauses('$set', anyPath, value),
  clauses('$set', positionalPath, scalar),
  clauses('$unset', anyPath, fc.constant('')),
  clauses('$setOnInsert', plainPath, value),
  clauses('$inc', numeric, number),
  clauses('$mul', numeric, number),
  clauses('$min', numeric, value),
  clauses('$max', numeric, value),
  clauses('$bit', numeric, mask),
  clauses('$rename', plainPath, plainPath),
  clauses('$push', arrays, pushed),
  clauses(
    '$addToSet',
    arrays,
    fc.oneof(
      scalar,
      value,
      elements.map((each): Document => ({ $each: each })),
    ),
  ),
  clauses('$pull', arrays, pulled),
  clauses('$pullAll', arrays, fc.array(scalar, { maxLength: 3 })),
  clauses('$pop', arrays, direction),
)

/** Updates that no document makes right. */
const wrong: fc.Arbitrary<Clause> = fc.constantFrom<Clause>(
  ['$inc', 'n', 'a'],
  ['$mul', 'n', null],
  ['$pop', 'c', new Int32(2)],
  ['$pop', 'c', 'a'],
  ['$pullAll', 'c', new Int32(1)],
  ['$push', 'c', { $each: new Int32(1) }],
  ['$push', 'c', { $each: [], $nope: true }],
  ['$push', 'c', { $each: [], $slice: 'a' }],
  ['$push', 'c', { $each: [], $sort: new Int32(2) }],
  ['$addToSet', 'c', { $each: null }],
  ['$addToSet', 'c', { $each: [], x: null }],
  ['$bit', 'n', { nand: new Int32(1) }],
  ['$bit', 'n', {}],
  ['$rename', 'a', 'a.x'],
  ['$rename', 'a', new Int32(1)],
  ['$rename', 'a.$[]', 'd'],
  ['$nope', 'a', null],
  ['$set', '', null],
  ['$set', 'a..x', null],
  ['$set', '$', null],
  ['$set', '$[].x', null],
  ['$set', 'a.$.y.$', null],
  ['$set', 'a.$[unknown]', null],
  ['$set', '_id', new Int32(-1)],
)

const operatorUpdate = fc
  .oneof(
    { weight: 12, arbitrary: fc.array(sensible, { minLength: 1, maxLength: 1 }) },
    { weight: 12, arbitrary: fc.array(sensible, { minLength: 2, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(fc.oneof(sensible, wrong), { minLength: 1, maxLength: 2 }) },
  )
  .map((parts): Document => {
    const whole: Document = {}
    for (const [operator, path, operand] of parts)
      whole[operator] = { ...(whole[operator] as Document), [path]: operand }
    return whole
  })

const names = /\$\[([a-z]+)\]/g
const elementFilter = fc.oneof(
  fc.tuple(fc.constant(''), fc.oneof(comparison, scalar)),
  fc.tuple(fc.constantFrom('.x', '.y'), fc.oneof(comparison, scalar)),
)

function filtersOf(wanted: readonly string[]): fc.Arbitrary<Document[]> {
  return fc
    .tuple(...wanted.map(() => elementFilter))
    .map((filters) => filters.map(([suffix, operand], place): Document => ({ [`${wanted[place]}${suffix}`]: operand })))
}

/** The filters for the names of an update, now and then one too few or too many. */
function arrayFiltersFor(update: Document): fc.Arbitrary<Document[]> {
  const paths = Object.values(update).flatMap((operand) => Object.keys(operand as Document))
  const used = [...new Set(paths.flatMap((path) => [...path.matchAll(names)].map(([, name]) => name as string)))]
  return fc.oneof(
    { weight: 15, arbitrary: filtersOf(used.filter((name) => name !== 'unknown')) },
    { weight: 1, arbitrary: fc.constantFrom(used.slice(1), [...used, 'g'], [...used, ...used]).chain(filtersOf) },
  )
}

/** A condition that points at an element of one of the arrays. */
const pointing = fc
  .tuple(
    fc.constantFrom('a', 'a.x', 'a.y', 'c', 'c', 'b.x'),
    fc.oneof(
      scalar,
      comparison,
      comparison.map((inner): Document => ({ $elemMatch: inner })),
    ),
  )
  .map(([at, operand]): Document => ({ [at]: operand }))

const replacement = fc
  .tuple(fields, fc.constantFrom<Document>({}, {}, {}, { _id: new Int32(-1) }))
  .map(([doc, id]): Document => ({ ...doc, ...id }))

/** An update with what it needs beside the `_id` of its document. */
export const request: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 12,
    arbitrary: operatorUpdate.chain((update) =>
      fc.record({
        update: fc.constant(update),
        filter: JSON.stringify(update).match(/\.\$[."]/) ? pointing : fc.constant<Document>({}),
        arrayFilters: arrayFiltersFor(update),
      }),
    ),
  },
  { weight: 1, arbitrary: fc.record({ update: replacement, filter: fc.constant<Document>({}) }) },
)

/** What an upsert asks for besides: equalities, which the new document gets, and conditions, which it does not. */
export const upsertFilter: fc.Arbitrary<Document> = fc.oneof(
  fc.constant<Document>({}),
  fc.tuple(plainNames(), fc.oneof(value, embedded, comparison)).map(([at, operand]): Document => ({ [at]: operand })),
  fc
    .array(fc.tuple(plainNames(), scalar), { minLength: 1, maxLength: 3 })
    .map((pairs): Document => ({ $and: pairs.map(([at, operand]) => ({ [at]: operand })) })),
)

function plainNames(): fc.Arbitrary<string> {
  return fc.constantFrom('a', 'b', 'c', 'n', 'b.x', 'b.y', 'd.y')
}
