import { type Document, Int32 } from 'bson'
import * as fc from 'fast-check'
import mongoose from 'mongoose'
import { expect } from 'vitest'
import { modelMatches } from '../query/filter-model.ts'
import { fieldPath, fields, numbered } from './arbitrary-documents.ts'
import { filter } from './arbitrary-filters.ts'
import { indexes } from './arbitrary-indexes.ts'
import { request } from './arbitrary-updates.ts'
import { fill } from './pipeline-property.ts'
import { sorted } from './sort-model.ts'
import { spell } from './spell.ts'
import { gathering, Refused, Unspecified } from './unspecified.ts'
import { modelUpdate, readUpdate, type Request } from './update-model.ts'
import { asStored } from './update-property.ts'

type Db = mongoose.mongo.Db

/** An update of all documents that match, or of the first in an order, which is given back. */
type Step =
  | { readonly kind: 'many'; readonly request: Request }
  | { readonly kind: 'first'; readonly request: Request; readonly sort: Document; readonly after: boolean }

const found = fc.tuple(request, filter).map(([asked, conditions]): Request => {
  const pointsAtElement = Object.keys(asked.filter).length > 0
  return pointsAtElement ? asked : { ...asked, filter: conditions }
})
const sort = fc
  .tuple(fieldPath, fc.constantFrom(1, -1))
  .map(([path, sign]): Document => ({ [path]: new Int32(sign), _id: new Int32(1) }))
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('many' as const),
    request: found.filter(({ update }) => Object.keys(update)[0]?.startsWith('$') === true),
  }),
  fc.record({ kind: fc.constant('first' as const), request: found, sort, after: fc.boolean() }),
)
const scene = fc.record({
  docs: fc.array(fields, { minLength: 1, maxLength: 6 }).map(numbered),
  indexes,
  steps: fc.array(step, { minLength: 1, maxLength: 8, size: 'max' }),
})

/** What is answered, written as text, and the documents afterwards; several codes where one of them is told. */
type Outcome = { readonly answer: string; readonly docs: Document[] } | { readonly codes: ReadonlySet<number> }

/** Random updates of what random filters find leave what the model says, with indexes and without. */
export async function checkCollection(db: Db, { numRuns, seed }: { numRuns: number; seed?: number }): Promise<void> {
  await fc.assert(
    fc.asyncProperty(scene, async ({ docs, indexes: wanted, steps }) => {
      await Promise.all([fill(db, 'plain', docs), fill(db, 'indexed', docs, wanted)])
      let state = docs
      for (const one of steps) {
        const expected = expectedOf(one, state)
        const [plain, indexed] = await Promise.all(['plain', 'indexed'].map((name) => take(db, name, one)))
        // Then only the server knows what is stored now.
        if (expected === undefined) return
        for (const actual of [plain, indexed] as Outcome[]) compareOutcomes(actual, expected)
        if (!('docs' in expected)) return
        state = expected.docs
      }
    }),
    { numRuns, ...(seed === undefined ? {} : { seed }) },
  )
}

function expectedOf(one: Step, docs: Document[]): Outcome | undefined {
  try {
    return one.kind === 'many' ? manyUpdated(one.request, docs) : firstUpdated(one, docs)
  } catch (error) {
    if (error instanceof Unspecified) return undefined
    if (error instanceof Refused) return { codes: error.codes }
    throw error
  }
}

function manyUpdated(asked: Request, docs: Document[]): Outcome {
  readUpdate(asked)
  const after = gathering(docs, (doc) => (modelMatches(doc, asked.filter) ? modelUpdate(doc, asked) : doc))
  return { answer: String(docs.filter((doc) => modelMatches(doc, asked.filter)).length), docs: after }
}

function firstUpdated({ request: asked, sort: order, after }: Step & { kind: 'first' }, docs: Document[]): Outcome {
  if (Object.keys(asked.update)[0]?.startsWith('$') === true) readUpdate(asked)
  const [first] = sorted(
    order,
    docs.filter((doc) => modelMatches(doc, asked.filter)),
  )
  if (first === undefined) return { answer: spell(null), docs }
  const updated = modelUpdate(first, asked)
  return { answer: spell(after ? updated : first), docs: docs.map((doc) => (doc === first ? updated : doc)) }
}

async function take(db: Db, name: string, one: Step): Promise<Outcome> {
  const { filter: query, update, arrayFilters = [] } = one.request
  const options = arrayFilters.length > 0 ? { arrayFilters: [...arrayFilters] } : {}
  try {
    const answer =
      one.kind === 'many'
        ? String((await db.collection(name).updateMany(query, update, options)).matchedCount)
        : spell(
            (
              await db.command(
                { findAndModify: name, query, update, sort: one.sort, new: one.after, ...options },
                asStored,
              )
            )['value'],
          )
    return {
      answer,
      docs: await db
        .collection(name)
        .find({}, { sort: { _id: 1 }, ...asStored })
        .toArray(),
    }
  } catch (error) {
    if (error instanceof mongoose.mongo.MongoServerError) return { codes: new Set([Number(error.code)]) }
    throw error
  }
}

function compareOutcomes(actual: Outcome, expected: Outcome): void {
  if ('codes' in expected) {
    expect([...expected.codes]).toContain('codes' in actual ? [...actual.codes][0] : actual.answer)
    return
  }
  const text = (outcome: Outcome): string =>
    'codes' in outcome
      ? `error ${[...outcome.codes].join()}`
      : `${outcome.answer}\n${outcome.docs.map(spell).join('\n')}`
  expect(text(actual)).toBe(text(expected))
}
