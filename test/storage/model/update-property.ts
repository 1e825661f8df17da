import { type Document, Int32 } from 'bson'
import * as fc from 'fast-check'
import type mongoose from 'mongoose'
import { expect } from 'vitest'
import { fields, numbered } from './arbitrary-documents.ts'
import { request, upsertFilter } from './arbitrary-updates.ts'
import { type Case, type Expected, expectedOf } from './expected-update.ts'
import { spell } from './spell.ts'

type Db = mongoose.mongo.Db

/** Types of numbers are compared, too. */
export const asStored = { promoteValues: false, promoteLongs: false } as const

const oneCase: fc.Arbitrary<Case> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ doc: fields, request, upsert: fc.constant(false) }) },
  {
    weight: 1,
    arbitrary: fc
      .record({ doc: fc.constant<Document>({}), request, upsert: fc.constant(true), filter: upsertFilter })
      .map(({ filter, ...one }) => ({ ...one, request: { ...one.request, filter } })),
  },
)

/** Documents with an update of each, and now and then one that inserts another. */
export const cases = fc
  .array(oneCase, { minLength: 1, maxLength: 40, size: 'max' })
  .map((all) => all.map((one, place): Case => withId(one, place)))

function withId({ doc, request: asked, upsert }: Case, place: number): Case {
  // Some upserts name the _id, others leave it to the server; a replacement keeps no other field of the filter.
  const named = place % 2 === 0 || Object.keys(asked.update)[0]?.startsWith('$') !== true
  const key = upsert ? { [named ? '_id' : 'k']: new Int32(1000 + place) } : {}
  return {
    doc: numbered([doc]).map((one) => ({ ...one, _id: new Int32(place) }))[0] as Document,
    request: { ...asked, filter: { ...key, ...asked.filter } },
    upsert,
  }
}

export type Updated = { codes: Map<number, number>; modified: number; docs: Document[] }

/** Has a server take all cases in one command. */
export async function takeAll(db: Db, name: string, all: readonly Case[]): Promise<Updated> {
  const collection = db.collection(name)
  await collection.insertMany(all.map(({ doc }) => doc))
  const updates = all.map(({ doc, request: { filter, update, arrayFilters }, upsert }) => ({
    q: upsert ? filter : { _id: doc['_id'] as unknown, ...filter },
    u: update,
    ...(arrayFilters === undefined || arrayFilters.length === 0 ? {} : { arrayFilters }),
    ...(upsert ? { upsert } : {}),
  }))
  const reply = await db.command({ update: name, updates, ordered: false })
  const errors = (reply['writeErrors'] ?? []) as { index: number; code: number }[]
  const docs = await collection.find({}, { sort: { _id: 1 }, ...asStored }).toArray()
  await collection.drop()
  return { codes: new Map(errors.map(({ index, code }) => [index, code])), modified: Number(reply['nModified']), docs }
}

/** Random updates do to a document what the model says, or are refused with a code that it knows a reason for. */
export async function checkUpdates(db: Db, { numRuns, seed }: { numRuns: number; seed?: number }): Promise<void> {
  let run = 0
  await fc.assert(
    fc.asyncProperty(cases, async (all) => {
      const { codes, modified, docs } = await takeAll(db, `updates${run++}`, all)
      const expected = all.map(expectedOf)
      for (const [place, one] of all.entries()) compareOne(one, expected[place] as Expected, { place, codes, docs })
      const counts = expected.map((one) =>
        one.kind === 'refused' ? false : one.kind === 'done' ? one.changed : undefined,
      )
      if (!counts.includes(undefined)) expect(modified).toBe(counts.filter(Boolean).length)
    }),
    { numRuns, ...(seed === undefined ? {} : { seed }) },
  )
}

function compareOne(
  { doc, request: { filter }, upsert }: Case,
  expected: Expected,
  { place, codes, docs }: { place: number; codes: ReadonlyMap<number, number>; docs: readonly Document[] },
): void {
  if (expected.kind === 'open') return
  const [field, key] = upsert ? (Object.entries(filter)[0] as [string, Int32]) : ['_id', doc['_id'] as Int32]
  const stored = docs.find((one) => String(one[field]) === String(key))
  if (expected.kind === 'refused') {
    expect([...expected.codes]).toContain(codes.get(place))
    expect(spell(stored)).toBe(spell(upsert ? undefined : doc))
    return
  }
  expect(codes.get(place)).toBeUndefined()
  // The server's own _id is not known before.
  const { _id: made, ...others } = stored ?? {}
  const known = '_id' in expected.doc
  expect(made).toBeDefined()
  expect(spell(known ? stored : others)).toBe(spell(expected.doc))
}
