import { EJSON } from 'bson'
import * as fc from 'fast-check'
import mongoose from 'mongoose'
import { expect, test } from 'vitest'
import { scene, type Step } from './arbitrary-commands.ts'
import { startServer } from './embedded-server.ts'
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

test.skipIf(replicaSetUri === undefined)(
  'the embedded database answers as the replica set does',
  async () => {
    await using server = await startServer()
    await using given = await openReplicaSetDatabase()
    const [embedded, reference] = [await server.connect(), await given?.connect()]
    let run = 0
    await fc.assert(
      fc.asyncProperty(scene, async ({ docs, indexes, steps }) => {
        const pair = [embedded, reference].map(
          (connection) => connection?.getClient().db(connection.name).collection(`c${run}`) as unknown as Collection,
        ) as [Collection, Collection]
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
  },
  300_000,
)
