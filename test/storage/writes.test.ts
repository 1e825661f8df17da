import { Decimal128, Double, Int32, Long, ObjectId, Timestamp, Binary } from 'bson'
import mongoose from 'mongoose'
import { expect, test } from 'vitest'
import { openTestDatabase } from './test-database.ts'

test('mongoose creates its indexes, stores, populates and refuses the second of a unique value', async () => {
  await using server = await openTestDatabase()
  const connection = await server.connect()
  const Owner = connection.model('Owner', new mongoose.Schema({ name: { type: String, unique: true } }))
  const Pet = connection.model(
    'Pet',
    new mongoose.Schema({ name: String, owner: { type: mongoose.Schema.Types.ObjectId, ref: 'Owner' } }),
  )
  await Owner.init()
  const owner = await Owner.create({ name: 'Ada' })
  await Pet.create({ name: 'Rex', owner: owner._id })
  const pet = await Pet.findOne({ name: 'Rex' }).populate<{ owner: { name: string } }>('owner').orFail()
  expect(pet.owner.name).toBe('Ada')
  await expect(Owner.create({ name: 'Ada' })).rejects.toMatchObject({
    code: 11000,
    keyPattern: { name: 1 },
    keyValue: { name: 'Ada' },
  })
})

test('every BSON type comes back as it was stored, also after an update beside it', async () => {
  await using server = await openTestDatabase()
  const collection = (await server.connect()).collection('types')
  const doc = {
    _id: new ObjectId(),
    int: new Int32(7),
    long: Long.fromString('9007199254740993'),
    double: new Double(7),
    decimal: Decimal128.fromString('1.10'),
    date: new Date(0),
    binary: new Binary(Buffer.from('x'), 5),
    stamp: new Timestamp({ t: 1, i: 2 }),
    nothing: null,
    list: [new Int32(1), new Double(1)],
  }
  await collection.insertOne(doc)
  await collection.updateOne({ _id: doc._id }, { $set: { touched: true }, $inc: { int: new Int32(1) } })
  const options = { promoteValues: false, promoteLongs: false }
  const { touched, ...found } = (await collection.findOne({ _id: doc._id }, options)) as unknown as Record<
    string,
    unknown
  >
  expect(touched).toBe(true)
  expect(found).toEqual({ ...doc, int: new Int32(8) })
})

test('of a hundred units a thousand buyers buy a hundred', async () => {
  await using server = await openTestDatabase()
  const clients = await Promise.all([server.connect(), server.connect()])
  const [first] = clients
  await first?.collection<{ _id: string; left: number }>('stock').insertOne({ _id: 'sku', left: 100 })
  const buys = await Promise.all(
    Array.from({ length: 1000 }, (_, buyer) =>
      clients[(buyer % 2) as 0 | 1]
        .collection<{ _id: string; left: number }>('stock')
        .findOneAndUpdate({ _id: 'sku', left: { $gte: 1 } }, { $inc: { left: -1 } }),
    ),
  )
  expect(buys.filter((bought) => bought !== null && bought !== undefined)).toHaveLength(100)
  expect(await first?.collection('stock').findOne()).toEqual({ _id: 'sku', left: 0 })
})

test('clients that upsert the same key at once make one document', async () => {
  await using server = await openTestDatabase()
  const clients = await Promise.all([server.connect(), server.connect(), server.connect()])
  await clients[0]?.collection('counters').createIndex({ name: 1 }, { unique: true })
  await Promise.all(
    Array.from({ length: 60 }, (_, turn) =>
      clients[(turn % 3) as 0 | 1 | 2]
        .collection('counters')
        .updateOne({ name: 'visits' }, { $inc: { n: 1 } }, { upsert: true }),
    ),
  )
  expect(
    await clients[0]
      ?.collection('counters')
      .find({}, { projection: { _id: 0 } })
      .toArray(),
  ).toEqual([{ name: 'visits', n: 60 }])
})

test('an ordered bulk stops at its first error and keeps what came before, an unordered one goes on', async () => {
  await using server = await openTestDatabase()
  const collection = (await server.connect()).collection<{ _id: number }>('bulk')
  const docs = [{ _id: 1 }, { _id: 2 }, { _id: 1 }, { _id: 3 }]
  await expect(collection.insertMany(docs)).rejects.toMatchObject({ code: 11000, insertedCount: 2 })
  expect(await collection.countDocuments()).toBe(2)
  await collection.deleteMany({})
  await expect(collection.insertMany(docs, { ordered: false })).rejects.toMatchObject({ code: 11000, insertedCount: 3 })
  const result = await collection.bulkWrite([
    { updateOne: { filter: { _id: 1 }, update: { $set: { a: 1 } } } },
    { deleteOne: { filter: { _id: 2 } } },
    { updateOne: { filter: { _id: 9 }, update: { $setOnInsert: { a: 9 } }, upsert: true } },
    { insertOne: { document: { _id: 4 } } },
  ])
  expect(result).toMatchObject({ modifiedCount: 1, deletedCount: 1, upsertedCount: 1, insertedCount: 1 })
})

test('an update of many touches each document once, even when it moves ahead in the index that is read', async () => {
  await using server = await openTestDatabase()
  const collection = (await server.connect()).collection<{ _id: number; n: number }>('many')
  await collection.createIndex({ n: 1 })
  await collection.insertMany(Array.from({ length: 1000 }, (_, n) => ({ _id: n, n })))
  const { modifiedCount } = await collection.updateMany({ n: { $gte: 0 } }, { $inc: { n: 500 } })
  expect(modifiedCount).toBe(1000)
  expect(await collection.find().sort({ n: -1 }).limit(1).toArray()).toEqual([{ _id: 999, n: 1499 }])
})

test('natural order is the order of insertion, and large results come in several pages', async () => {
  await using server = await openTestDatabase()
  const collection = (await server.connect()).collection<{ _id: number }>('pages')
  const ids = Array.from({ length: 1500 }, (_, place) => (place * 7919) % 1500)
  await collection.insertMany(ids.map((_id) => ({ _id })))
  expect((await collection.find().batchSize(100).toArray()).map(({ _id }) => _id)).toEqual(ids)
  expect((await collection.find().sort({ $natural: -1 }).limit(3).toArray()).map(({ _id }) => _id)).toEqual(
    ids.slice(-3).toReversed(),
  )
})

test('a document over 16 MiB is refused and nothing of it stays', async () => {
  await using server = await openTestDatabase()
  const collection = (await server.connect()).collection<{ _id: number; s?: string }>('large')
  await collection.insertOne({ _id: 1, s: 'x'.repeat(9 * 1024 * 1024) })
  const twice = [{ $set: { s: { $concat: ['$s', '$s'] } } }]
  await expect(collection.updateOne({ _id: 1 }, twice)).rejects.toMatchObject({ code: 10334 })
  expect((await collection.findOne({ _id: 1 }))?.s).toHaveLength(9 * 1024 * 1024)
})
