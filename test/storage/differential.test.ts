import { EJSON } from 'bson'
import * as fc from 'fast-check'
import mongoose from 'mongoose'
import { expect, test } from 'vitest'
import { scene, type Step } from './arbitrary-commands.ts'
import { startServer } from './embedded-server.ts'
import { type Expected as ExpectedUpdate, expectedOf as expectedUpdate } from './model/expected-update.ts'
import { ask, expectedOf, fill, scene as pipelineScene } from './model/pipeline-property.ts'
import { cases, takeAll, type Updated } from './model/update-property.ts'
import { openReplicaSetDatabase, replicaSetUri } from './test-database.ts'

type Collection = mongoose.mongo.Collection<{ _id: number }>

/** Types of numbers are compared, too. */
const asStored = { promoteValues: false, promoteLongs: false, bsonRegExp: true } as const

/** An answer as text: documents in full, an error by its code alone. */
async function outcome(work: () => Promise<unknown>): Promise<string> {
  try {
    return EJSON.stringify(await work(), { relaxed: false })
  } catch (error) {
    if (error instanceof mongoose.mongo.MongoServerError) return `error ${error.code}`
    throw error
  }
}

async function take(collection: Collection, step: Step): Promise<unknown> {
  if (step.kind === 'find') return collection.find(step.filter, { sort: step.sort, ...asStored }).toArray()
  if (step.kind === 'update') {
    const { matchedCount, modifiedCount } = await collection.updateMany(step.filter, step.update)
    const all = await collection.find({}, { sort: { _id: 1 }, ...asStored }).toArray()
    return { matchedCount, modifiedCount, all }
  }
  const found = await collection.aggregate(step.pipeline, asStored).toArray()
  // Groups come in any order, and what follows them with them.
  return step.pipeline.some((stage) => '$group' in stage) ? found.map((doc) => EJSON.stringify(doc)).toSorted() : found
}

/** Empty databases of both servers, by the name of this test. */
async function withBoth(
  work: (databases: readonly [mongoose.mongo.Db, mongoose.mongo.Db]) => Promise<void>,
): Promise<void> {
  await using server = await startServer()
  await using given = await openReplicaSetDatabase()
  const connections = [await server.connect(), await given?.connect()] as [mongoose.Connection, mongoose.Connection]
  const [embedded, reference] = connections.map((one) => one.getClient().db(one.name))
  await work([embedded as mongoose.mongo.Db, reference as mongoose.mongo.Db])
}

/** Which of several errors is told may differ between servers, as long as the model knows a reason for it. */
function codeText(code: number, model: { kind: string; codes?: ReadonlySet<number> } | undefined): string {
  return model?.codes?.has(code) === true ? 'refused' : `error ${code}`
}

function updatedText({ codes, modified, docs }: Updated, model: readonly ExpectedUpdate[]): string {
  const refused = [...codes].map(([place, code]) => [place, codeText(code, model[place])])
  const isCounted = model.every((one) => one.kind === 'refused' || (one.kind === 'done' && one.changed !== undefined))
  // Each server makes its own _ids for upserts that name none.
  const stored = docs.map(({ _id, ...doc }) => ('k' in doc ? doc : { _id: _id as unknown, ...doc }))
  return EJSON.stringify([refused, isCounted ? modified : 'open', stored], { relaxed: false })
}

test.skipIf(replicaSetUri === undefined)(
  'the embedded database answers as the replica set does',
  () =>
    withBoth(async (databases) => {
      let run = 0
      await fc.assert(
        fc.asyncProperty(scene, async ({ docs, indexes, steps }) => {
          const pair = databases.map((db) => db.collection(`c${run}`) as unknown as Collection) as [
            Collection,
            Collection,
          ]
          run++
          const both = async (work: (collection: Collection) => Promise<unknown>): Promise<void> => {
            const [actual, expected] = await Promise.all(pair.map((collection) => outcome(() => work(collection))))
            expect(actual).toBe(expected)
          }
          for (const path of indexes) await both((collection) => collection.createIndex({ [path]: 1 }))
          if (docs.length > 0)
            await both(async (collection) => (await collection.insertMany(docs as { _id: number }[])).insertedCount)
          for (const step of steps) await both((collection) => take(collection, step))
          await Promise.all(pair.map((collection) => collection.drop()))
        }),
        { numRuns: 500 },
      )
    }),
  300_000,
)

test.skipIf(replicaSetUri === undefined)(
  'the embedded database updates as the replica set does',
  () =>
    withBoth(async (databases) => {
      let run = 0
      await fc.assert(
        fc.asyncProperty(cases, async (all) => {
          const name = `u${run++}`
          const model = all.map(expectedUpdate)
          const [actual, expected] = await Promise.all(
            databases.map(async (db) => updatedText(await takeAll(db, name, all), model)),
          )
          expect(actual).toBe(expected)
        }),
        { numRuns: 300 },
      )
    }),
  300_000,
)

test.skipIf(replicaSetUri === undefined)(
  'the embedded database aggregates as the replica set does',
  () =>
    withBoth(async (databases) => {
      await fc.assert(
        fc.asyncProperty(pipelineScene, async ({ docs, foreign, indexes, pipelines }) => {
          for (const db of databases) {
            await fill(db, 'indexed', docs, indexes)
            await fill(db, 'foreign', foreign)
          }
          for (const stages of pipelines) {
            const [actual, expected] = await Promise.all(databases.map((db) => ask(db, 'indexed', stages)))
            const model = expectedOf(stages, docs, foreign)
            // What the model leaves open may differ; what it knows is written so that the order of groups does not.
            if (model.kind === 'open') continue
            const written = [actual, expected].map((one) =>
              typeof one === 'number' ? codeText(one, model) : model.kind === 'answer' && model.answer.write(one ?? []),
            )
            expect(written[0]).toBe(written[1])
          }
        }),
        { numRuns: 100 },
      )
    }),
  300_000,
)
