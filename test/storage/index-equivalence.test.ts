import { Decimal128, Double, Long, type Document } from 'bson'
import * as fc from 'fast-check'
import type mongoose from 'mongoose'
import { expect, test } from 'vitest'
import { openTestDatabase } from './test-database.ts'

const scalar = fc.oneof(
  fc.integer({ min: -2, max: 3 }),
  fc.constantFrom<unknown>(null, 'a', 'b', 'ab', true, new Date(1), new Date(5), new Double(1.5), Long.fromNumber(2)),
  fc.constantFrom<unknown>(Decimal128.fromString('1.5'), new Double(Number.NaN), { x: 1 }, { x: 2, y: 'a' }),
)
const value = fc.oneof({ weight: 4, arbitrary: scalar }, { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) })
const nested = fc.oneof(
  { weight: 2, arbitrary: value },
  { weight: 2, arbitrary: fc.record({ c: value, d: value }, { requiredKeys: [] }) },
  { weight: 1, arbitrary: fc.array(fc.record({ c: scalar, d: scalar }, { requiredKeys: [] }), { maxLength: 3 }) },
)
const doc = fc.record({ a: value, b: nested, e: scalar }, { requiredKeys: [] })

const path = fc.constantFrom('a', 'b', 'b.c', 'b.d', 'e')
const operator = fc.oneof(
  fc.tuple(fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte', '$ne'), scalar),
  fc.tuple(fc.constantFrom('$in', '$nin'), fc.array(scalar, { maxLength: 4 })),
  fc.tuple(fc.constant('$exists'), fc.boolean()),
)
const condition = fc
  .tuple(
    path,
    fc.oneof(
      scalar,
      fc.array(operator, { minLength: 1, maxLength: 2 }).map((pairs) => Object.fromEntries(pairs)),
    ),
  )
  .map(([at, operand]): Document => ({ [at]: operand }))
const filter = fc.oneof(
  fc.constant<Document>({}),
  fc.array(condition, { minLength: 1, maxLength: 3 }).map((conditions): Document => Object.assign({}, ...conditions)),
  fc.array(condition, { minLength: 1, maxLength: 3 }).map((conditions): Document => ({ $and: conditions })),
)
const order = fc.uniqueArray(fc.tuple(path, fc.constantFrom<1 | -1>(1, -1)), { maxLength: 2, selector: ([at]) => at })
const index = fc.record({
  key: fc
    .uniqueArray(fc.tuple(path, fc.constantFrom<1 | -1>(1, -1)), { minLength: 1, maxLength: 3, selector: ([at]) => at })
    .map((parts): Document => Object.fromEntries(parts)),
  kind: fc.constantFrom('plain', 'sparse', 'partial'),
})
const scene = fc.record({
  docs: fc.array(doc, { maxLength: 25 }),
  indexes: fc.array(index, { minLength: 1, maxLength: 3 }),
  queries: fc.array(fc.record({ filter, sort: order }), { minLength: 1, maxLength: 8 }),
})

type Collection = mongoose.mongo.Collection<{ _id: number }>

/** Stores what can be: two arrays in one index are refused, as MongoDB does. */
async function store(collection: Collection, docs: readonly Document[]): Promise<{ _id: number }[]> {
  const all = docs.map((fields, _id) => ({ ...fields, _id }))
  try {
    if (all.length > 0) await collection.insertMany(all, { ordered: false })
    return all
  } catch (error) {
    const refused = [(error as mongoose.mongo.MongoBulkWriteError).writeErrors].flat()
    expect(refused.every(({ code }) => code === 171)).toBe(true)
    return all.filter(({ _id }) => !refused.some(({ index: place }) => place === _id))
  }
}

/** The ids in the order they come; no order is told when two sort keys are arrays. */
async function answer(
  collection: Collection,
  query: Document,
  sort: [string, 1 | -1][],
): Promise<number[] | undefined> {
  try {
    return (await collection.find(query, { sort }).toArray()).map(({ _id }) => _id)
  } catch (error) {
    expect(error).toMatchObject({ code: 2, message: expect.stringContaining('parallel arrays') as unknown })
    return undefined
  }
}

test('an index never changes an answer, only how it is found', async () => {
  await using server = await openTestDatabase()
  const db = (await server.connect()).getClient().db()
  let run = 0
  await fc.assert(
    fc.asyncProperty(scene, async ({ docs, indexes, queries }) => {
      const indexed = db.collection<{ _id: number }>(`indexed${++run}`)
      const plain = db.collection<{ _id: number }>(`plain${run}`)
      for (const { key, kind } of indexes) {
        const name = `${JSON.stringify(key)} ${kind}`
        const options =
          kind === 'sparse'
            ? { sparse: true }
            : kind === 'partial'
              ? { partialFilterExpression: { e: { $gte: 1 } } }
              : {}
        try {
          await indexed.createIndex(key, { name, ...options })
        } catch (error) {
          // The same key twice.
          expect([85, 86]).toContain((error as { code: number }).code)
        }
      }
      const kept = await store(indexed, docs)
      if (kept.length > 0) await plain.insertMany(kept)
      for (const { filter: query, sort } of queries) {
        // The last key makes the order total.
        expect(await answer(indexed, query, [...sort, ['_id', 1]])).toEqual(
          await answer(plain, query, [...sort, ['_id', 1]]),
        )
        const found = await answer(indexed, query, sort)
        expect(found?.toSorted((a, b) => a - b)).toEqual((await answer(plain, query, sort))?.toSorted((a, b) => a - b))
      }
      await indexed.drop()
      await plain.drop()
    }),
    { numRuns: 50 },
  )
}, 120_000)
