import type mongoose from 'mongoose'
import { expect, test } from 'vitest'
import { startServer } from './embedded-server.ts'
import { openTestDatabase } from './test-database.ts'

type Item = { _id: number; n?: number; list?: number[] }
type Event = {
  operationType: string
  documentKey?: { _id: number }
  _id: unknown
  fullDocument?: unknown
  updateDescription?: unknown
}

/** How long the server waits for an event before it answers with none. */
const quick = { maxAwaitTimeMS: 50 }

function items(connection: mongoose.Connection): mongoose.mongo.Collection<Item> {
  return connection.getClient().db().collection<Item>('items')
}

/** Opens the stream on the server, so that everything after this is seen. */
async function opened<T extends mongoose.mongo.ChangeStream<Item>>(stream: T): Promise<T> {
  await stream.tryNext()
  return stream
}

async function take(stream: mongoose.mongo.ChangeStream<Item>, count: number): Promise<Event[]> {
  const events: Event[] = []
  while (events.length < count) events.push(await stream.next())
  return events
}

test('tells inserts, updates with what changed, replacements and deletions in order', async () => {
  await using server = await openTestDatabase()
  const collection = items(await server.connect())
  const stream = await opened(collection.watch([], { ...quick, fullDocument: 'updateLookup' }))
  await collection.insertOne({ _id: 1, n: 1, list: [1, 2, 3] })
  await collection.updateOne({ _id: 1 }, { $set: { 'list.1': 9 }, $unset: { n: 1 } })
  await collection.replaceOne({ _id: 1 }, { n: 5 })
  await collection.deleteOne({ _id: 1 })
  const events = await take(stream, 4)
  expect(events.map(({ operationType }) => operationType)).toEqual(['insert', 'update', 'replace', 'delete'])
  expect(events[1]?.updateDescription).toEqual({
    updatedFields: { 'list.1': 9 },
    removedFields: ['n'],
    truncatedArrays: [],
  })
  expect(events[2]?.fullDocument).toEqual({ _id: 1, n: 5 })
  await stream.close()
})

test('goes on from a token after a restart, with no event lost and none twice', async () => {
  await using server = await startServer()
  const collection = items(await server.connect())
  const stream = await opened(collection.watch([], quick))
  await collection.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }])
  const [, second] = await take(stream, 2)
  await stream.close()
  await collection.insertOne({ _id: 4 })
  await server.kill()
  await server.start()
  const after = items(await server.connect())
  const resumed = after.watch([], { ...quick, resumeAfter: second?._id })
  await after.insertOne({ _id: 5 })
  expect((await take(resumed, 3)).map(({ documentKey }) => documentKey?._id)).toEqual([3, 4, 5])
  await resumed.close()
})

test('tells the writes of a transaction after its commit, together and in order', async () => {
  await using server = await openTestDatabase()
  const connection = await server.connect()
  const collection = items(connection)
  await collection.insertOne({ _id: 0 })
  const stream = await opened(collection.watch([], quick))
  const session = await connection.startSession()
  await session.withTransaction(async () => {
    await collection.insertOne({ _id: 1 }, { session })
    await collection.insertOne({ _id: 2 })
    await collection.updateOne({ _id: 0 }, { $set: { n: 1 } }, { session })
  })
  await session.endSession()
  expect((await take(stream, 3)).map(({ documentKey }) => documentKey?._id)).toEqual([2, 1, 0])
  await stream.close()
})

test('applies the stages that the client adds, and its page token moves on past what they drop', async () => {
  await using server = await openTestDatabase()
  const collection = items(await server.connect())
  const stream = await opened(
    collection.watch([{ $match: { 'fullDocument.n': { $gt: 5 } } }, { $project: { documentKey: 1 } }], quick),
  )
  const before = stream.resumeToken
  await collection.insertMany(Array.from({ length: 10 }, (_, n) => ({ _id: n, n })))
  expect((await take(stream, 4)).map(({ documentKey }) => documentKey?._id)).toEqual([6, 7, 8, 9])
  await collection.insertOne({ _id: 20, n: 0 })
  expect(await stream.tryNext()).toBeNull()
  expect(stream.resumeToken).not.toEqual(before)
  await stream.close()
})

test('ends with the collection that it watches', async () => {
  await using server = await openTestDatabase()
  const collection = items(await server.connect())
  await collection.insertOne({ _id: 1 })
  const stream = await opened(collection.watch([], quick))
  await collection.drop()
  expect((await take(stream, 2)).map(({ operationType }) => operationType)).toEqual(['drop', 'invalidate'])
  await stream.close()
})

test('a database is watched as a whole', async () => {
  await using server = await openTestDatabase()
  const connection = await server.connect()
  const db = connection.getClient().db()
  const stream = db.watch([], quick)
  await stream.tryNext()
  await db.collection<Item>('one').insertOne({ _id: 1 })
  await db.collection<Item>('two').insertOne({ _id: 2 })
  expect([await stream.next(), await stream.next()]).toMatchObject([{ ns: { coll: 'one' } }, { ns: { coll: 'two' } }])
  await stream.close()
})
