import { expect, test } from 'vitest'
import { startServer } from './embedded-server.ts'

test('a capped collection drops its oldest documents by count and by size, and tells change streams', async () => {
  await using server = await startServer()
  const db = (await server.connect()).getClient().db()
  const few = await db.createCollection<{ _id: number; text?: string }>('few', { capped: true, size: 4096, max: 3 })
  const stream = few.watch()
  await stream.tryNext()
  await few.insertMany([1, 2, 3, 4, 5].map((_id) => ({ _id })))
  expect((await few.find().toArray()).map(({ _id }) => _id)).toEqual([3, 4, 5])
  const told: string[] = []
  while (told.length < 7) {
    const event = (await stream.next()) as { operationType: string; documentKey: { _id: number } }
    told.push(`${event.operationType} ${event.documentKey._id}`)
  }
  expect(told).toContain('delete 1')
  expect(told).toContain('delete 2')
  await stream.close()
  // 1,000 bytes are rounded up to a multiple of 256.
  const small = await db.createCollection<{ _id: number; text: string }>('small', { capped: true, size: 1000 })
  expect(await small.options()).toEqual({ capped: true, size: 1024 })
  for (let _id = 0; _id < 10; _id++) await small.insertOne({ _id, text: 'x'.repeat(300) })
  expect((await small.find().sort({ $natural: -1 }).toArray()).map(({ _id }) => _id)).toEqual([9, 8, 7])
  await small.deleteOne({ _id: 8 })
  await small.updateOne({ _id: 7 }, { $set: { text: '' } })
  await small.insertOne({ _id: 10, text: 'x'.repeat(300) })
  expect((await small.find().toArray()).map(({ _id }) => _id)).toEqual([7, 9, 10])
  expect(await small.isCapped()).toBe(true)
})

test('a capped collection keeps its count over a restart and has no part in transactions', async () => {
  await using server = await startServer()
  const client = (await server.connect()).getClient()
  await client.db().createCollection('log', { capped: true, size: 4096, max: 2 })
  await client
    .db()
    .collection('log')
    .insertMany([{ n: 1 }, { n: 2 }])
  await client.withSession(async (session) => {
    session.startTransaction()
    await expect(client.db().collection('log').insertOne({ n: 3 }, { session })).rejects.toMatchObject({ code: 263 })
  })
  await server.kill()
  await server.start()
  const log = (await server.connect()).getClient().db().collection('log')
  await log.insertOne({ n: 3 })
  expect((await log.find().toArray()).map(({ n }) => Number(n))).toEqual([2, 3])
})

test('options of a capped collection that make no sense are refused', async () => {
  await using server = await startServer()
  const db = (await server.connect()).getClient().db()
  await expect(db.createCollection('a', { capped: true })).rejects.toMatchObject({ code: 72 })
  await expect(db.createCollection('b', { size: 1000 })).rejects.toMatchObject({ code: 72 })
  await expect(db.createCollection('c', { capped: true, size: 0 })).rejects.toMatchObject({ code: 2 })
  const capped = await db.createCollection('d', { capped: true, size: 1000 })
  await expect(capped.createIndex({ at: 1 }, { expireAfterSeconds: 1 })).rejects.toMatchObject({ code: 67 })
})

test('a validator keeps out what does not match, on insert, update, upsert and findAndModify', async () => {
  await using server = await startServer()
  const db = (await server.connect()).getClient().db()
  const people = await db.createCollection<{ _id: number; age?: unknown; name?: string }>('people', {
    validator: { $jsonSchema: { required: ['name'], properties: { age: { bsonType: 'int', minimum: 0 } } } },
  })
  const failed = { code: 121, errInfo: { failingDocumentId: 1 } }
  await expect(people.insertOne({ _id: 1 })).rejects.toMatchObject(failed)
  await people.insertOne({ _id: 1, name: 'Ann', age: 3 })
  await expect(people.updateOne({ _id: 1 }, { $set: { age: -1 } })).rejects.toMatchObject(failed)
  await expect(people.updateMany({}, { $unset: { name: '' } })).rejects.toMatchObject(failed)
  await expect(people.findOneAndUpdate({ _id: 1 }, { $set: { age: 'x' } })).rejects.toMatchObject(failed)
  await expect(people.updateOne({ _id: 2 }, { $set: { age: 1 } }, { upsert: true })).rejects.toMatchObject({
    code: 121,
  })
  expect(await people.find().toArray()).toEqual([{ _id: 1, name: 'Ann', age: 3 }])
  await people.insertOne({ _id: 9 }, { bypassDocumentValidation: true })
  // Moderately, what was not valid before may stay so.
  await expect(people.updateOne({ _id: 9 }, { $set: { age: 1 } })).rejects.toMatchObject({ code: 121 })
  await db.command({ collMod: 'people', validationLevel: 'moderate' })
  await people.updateOne({ _id: 9 }, { $set: { age: 1 } })
  await db.command({ collMod: 'people', validator: {} })
  await people.insertOne({ _id: 10 })
  await expect(db.createCollection('w', { validator: {}, validationAction: 'warn' })).rejects.toThrow(/MONGODB_URI/)
})

test('a clustered collection reads in the order of _id', async () => {
  await using server = await startServer()
  const db = (await server.connect()).getClient().db()
  const rows = await db.createCollection<{ _id: number }>('rows', {
    clusteredIndex: { key: { _id: 1 }, unique: true, name: 'by id' },
  })
  await rows.insertMany([{ _id: 3 }, { _id: 1 }, { _id: 2 }])
  expect(await rows.find().toArray()).toEqual([{ _id: 1 }, { _id: 2 }, { _id: 3 }])
  expect(await rows.find().sort({ $natural: -1 }).limit(1).toArray()).toEqual([{ _id: 3 }])
  await expect(rows.insertOne({ _id: 2 })).rejects.toMatchObject({ code: 11000 })
  expect(await rows.indexes()).toMatchObject([{ key: { _id: 1 }, name: 'by id', unique: true, clustered: true }])
  expect(await rows.options()).toMatchObject({ clusteredIndex: { name: 'by id' } })
  await expect(db.createCollection('other', { clusteredIndex: { key: { a: 1 }, unique: true } })).rejects.toMatchObject(
    {
      code: 72,
    },
  )
})
