import type { Document } from 'bson'
import * as fc from 'fast-check'
import mongoose from 'mongoose'
import { expect } from 'vitest'
import { fields, numbered } from './arbitrary-documents.ts'
import { type Index, indexes } from './arbitrary-indexes.ts'
import { foreignDocs, pipeline } from './arbitrary-pipelines.ts'
import { type Answer, modelPipeline } from './pipeline-model.ts'
import { Refused, Unspecified } from './unspecified.ts'
import { asStored } from './update-property.ts'

type Db = mongoose.mongo.Db

/** A collection, another to join with, indexes, and pipelines. */
export const scene = fc.record({
  docs: fc.array(fields, { minLength: 2, maxLength: 8 }).map(numbered),
  foreign: foreignDocs.map(numbered),
  indexes,
  pipelines: fc.array(pipeline, { minLength: 1, maxLength: 40, size: 'max' }),
})

/** What the model expects: an answer, or an error of one of these codes, or nothing in particular. */
export type Expected =
  | { kind: 'answer'; answer: Answer }
  | { kind: 'refused'; codes: ReadonlySet<number> }
  | { kind: 'open' }

export function expectedOf(
  stages: readonly Document[],
  docs: readonly Document[],
  foreign: readonly Document[],
): Expected {
  try {
    return { kind: 'answer', answer: modelPipeline(stages, docs, { foreign, variables: {} }) }
  } catch (error) {
    if (error instanceof Unspecified) return { kind: 'open' }
    if (error instanceof Refused) return { kind: 'refused', codes: codesOf(stages) }
    throw error
  }
}

/** Which of several values that are refused is met first, is left open. */
function codesOf(stages: readonly Document[]): Set<number> {
  const text = JSON.stringify(stages)
  return new Set(Object.entries(refusals).flatMap(([name, code]) => (text.includes(`"${name}"`) ? [code] : [])))
}

const refusals = {
  $size: 17_124,
  $bucket: 40_066,
  $concatArrays: 28_664,
  $mergeObjects: 40_400,
  $replaceRoot: 40_228,
  $replaceWith: 40_228,
}

/** The documents of a pipeline, or the code of its error. */
export async function ask(db: Db, name: string, stages: readonly Document[]): Promise<Document[] | number> {
  try {
    return await db
      .collection(name)
      .aggregate([...stages], asStored)
      .toArray()
  } catch (error) {
    if (error instanceof mongoose.mongo.MongoServerError) return Number(error.code)
    throw error
  }
}

/** Fills a collection by a name that was used before. */
export async function fill(
  db: Db,
  name: string,
  docs: readonly Document[],
  wanted: readonly Index[] = [],
): Promise<void> {
  const collection = db.collection(name)
  await collection.drop()
  await db.createCollection(name)
  for (const { key, sparse } of wanted) await collection.createIndex(key, sparse ? { sparse } : {})
  if (docs.length > 0) await collection.insertMany([...docs])
}

/** Random pipelines give what the model says, with indexes and without. */
export async function checkPipelines(db: Db, { numRuns, seed }: { numRuns: number; seed?: number }): Promise<void> {
  await fc.assert(
    fc.asyncProperty(scene, async ({ docs, foreign, indexes: wanted, pipelines }) => {
      await Promise.all([fill(db, 'plain', docs), fill(db, 'indexed', docs, wanted), fill(db, 'foreign', foreign)])
      for (const stages of pipelines) {
        const expected = expectedOf(stages, docs, foreign)
        const [plain, indexed] = await Promise.all(['plain', 'indexed'].map((name) => ask(db, name, stages)))
        compareAnswers(expected, plain)
        compareAnswers(expected, indexed)
        if (expected.kind === 'open' && typeof plain === 'number') expect(indexed).toBe(plain)
      }
    }),
    { numRuns, ...(seed === undefined ? {} : { seed }) },
  )
}

function compareAnswers(expected: Expected, actual: Document[] | number | undefined): void {
  if (expected.kind === 'open') return
  if (expected.kind === 'refused') return expect([...expected.codes]).toContain(actual)
  const { docs, write } = expected.answer
  expect(typeof actual === 'number' ? `error ${actual}` : write(actual as Document[])).toBe(write(docs))
}
