import { Long, UUID } from 'bson'
import type mongoose from 'mongoose'
import { expect, test } from 'vitest'
import { startServer } from './embedded-server.ts'
import { RawClient } from './raw-client.ts'
import { openTestDatabase } from './test-database.ts'

type Account = { _id: string; amount: number }

function accounts(connection: mongoose.Connection): mongoose.mongo.Collection<Account> {
  return connection.getClient().db().collection<Account>('accounts')
}

test('a transaction sees its own writes, others see them after the commit', async () => {
  await using server = await openTestDatabase()
  const connection = await server.connect()
  const collection = accounts(connection)
  await collection.insertOne({ _id: 'a', amount: 1 })
  const session = await connection.startSession()
  await session.withTransaction(async () => {
    await collection.updateOne({ _id: 'a' }, { $inc: { amount: 1 } }, { session })
    await collection.insertOne({ _id: 'b', amount: 5 }, { session })
    expect(
      await collection
        .find({ amount: { $gt: 1 } }, { session })
        .sort({ amount: -1 })
        .toArray(),
    ).toEqual([
      { _id: 'b', amount: 5 },
      { _id: 'a', amount: 2 },
    ])
    expect(await collection.find().toArray()).toEqual([{ _id: 'a', amount: 1 }])
  })
  await session.endSession()
  expect(await collection.countDocuments({ amount: { $gt: 1 } })).toBe(2)
})

test('a transaction goes on reading the state in which it began', async () => {
  await using server = await openTestDatabase()
  const connection = await server.connect()
  const collection = accounts(connection)
  await collection.insertOne({ _id: 'a', amount: 1 })
  const session = await connection.startSession()
  session.startTransaction()
  await collection.findOne({ _id: 'a' }, { session })
  await collection.updateOne({ _id: 'a' }, { $set: { amount: 2 } })
  await collection.insertOne({ _id: 'b', amount: 2 })
  expect(await collection.find({}, { session }).toArray()).toEqual([{ _id: 'a', amount: 1 }])
  await session.commitTransaction()
  await session.endSession()
})

test('an aborted transaction leaves nothing, neither documents nor index entries', async () => {
  await using server = await openTestDatabase()
  const connection = await server.connect()
  const collection = accounts(connection)
  await collection.createIndex({ amount: 1 }, { unique: true })
  const session = await connection.startSession()
  session.startTransaction()
  await collection.insertOne({ _id: 'a', amount: 1 }, { session })
  await session.abortTransaction()
  await session.endSession()
  await collection.insertOne({ _id: 'b', amount: 1 })
  expect(await collection.find().toArray()).toEqual([{ _id: 'b', amount: 1 }])
})

test('withTransaction retries write conflicts until every transfer is made, and no money is lost', async () => {
  await using server = await openTestDatabase()
  const clients = await Promise.all([server.connect(), server.connect()])
  await accounts(clients[0]).insertMany(['a', 'b', 'c'].map((_id) => ({ _id, amount: 100 })))
  let attempts = 0
  const transfer = async (connection: mongoose.Connection, turn: number): Promise<void> => {
    const collection = accounts(connection)
    const [from, to] = [['a', 'b', 'c'][turn % 3], ['b', 'c', 'a'][turn % 3]] as [string, string]
    const session = await connection.startSession()
    await session.withTransaction(async () => {
      attempts++
      const source = await collection.findOne({ _id: from }, { session })
      await collection.updateOne({ _id: from }, { $set: { amount: (source?.amount ?? 0) - 1 } }, { session })
      await collection.updateOne({ _id: to }, { $inc: { amount: 1 } }, { session })
    })
    await session.endSession()
  }
  await Promise.all(Array.from({ length: 30 }, (_, turn) => transfer(clients[turn % 2] as mongoose.Connection, turn)))
  const all = await accounts(clients[0]).find().toArray()
  expect(all.map(({ amount }) => amount)).toEqual([100, 100, 100])
  expect(attempts).toBeGreaterThan(30)
})

test('the second transaction to write a document is told to retry the whole', async () => {
  await using server = await openTestDatabase()
  const connection = await server.connect()
  const collection = accounts(connection)
  await collection.insertOne({ _id: 'a', amount: 1 })
  const [first, second] = [await connection.startSession(), await connection.startSession()]
  first.startTransaction()
  second.startTransaction()
  await collection.updateOne({ _id: 'a' }, { $inc: { amount: 1 } }, { session: first })
  const refused: unknown = await collection
    .updateOne({ _id: 'a' }, { $inc: { amount: 1 } }, { session: second })
    .catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 112 })
  expect((refused as mongoose.mongo.MongoError).hasErrorLabel('TransientTransactionError')).toBe(true)
  await first.commitTransaction()
  await expect(second.commitTransaction()).rejects.toMatchObject({ code: 251 })
  await Promise.all([first.endSession(), second.endSession()])
  expect(await collection.findOne()).toEqual({ _id: 'a', amount: 2 })
})

test('a plain write to a document of an open transaction waits for its end', async () => {
  await using server = await openTestDatabase()
  const connection = await server.connect()
  const collection = accounts(connection)
  await collection.insertOne({ _id: 'a', amount: 1 })
  const session = await connection.startSession()
  session.startTransaction()
  await collection.updateOne({ _id: 'a' }, { $set: { amount: 10 } }, { session })
  const order: string[] = []
  const waiting = collection.updateOne({ _id: 'a' }, { $inc: { amount: 1 } }).then(() => order.push('plain'))
  // A write elsewhere is answered meanwhile, so the waiting one holds nobody up.
  await collection.insertOne({ _id: 'b', amount: 0 })
  order.push('commit')
  await session.commitTransaction()
  await waiting
  await session.endSession()
  expect(order).toEqual(['commit', 'plain'])
  expect(await collection.findOne({ _id: 'a' })).toEqual({ _id: 'a', amount: 11 })
})

test('two transactions that insert the same unique key: one commits, the other is told to retry', async () => {
  await using server = await openTestDatabase()
  const connection = await server.connect()
  const collection = accounts(connection)
  await collection.createIndex({ amount: 1 }, { unique: true })
  const [first, second] = [await connection.startSession(), await connection.startSession()]
  first.startTransaction()
  second.startTransaction()
  await collection.insertOne({ _id: 'a', amount: 1 }, { session: first })
  await expect(collection.insertOne({ _id: 'b', amount: 1 }, { session: second })).rejects.toMatchObject({ code: 112 })
  await first.commitTransaction()
  await second.abortTransaction()
  await Promise.all([first.endSession(), second.endSession()])
})

test('a collection that a transaction creates is there for all once it is committed, and never when it is aborted', async () => {
  await using server = await startServer()
  const connection = await server.connect()
  const db = connection.getClient().db()
  const names = async (): Promise<string[]> => (await db.listCollections().toArray()).map(({ name }) => name).toSorted()
  const session = await connection.startSession()
  session.startTransaction()
  await db.collection<{ _id: string }>('lost').insertOne({ _id: 'a' }, { session })
  expect(await db.collection('lost').findOne({}, { session })).toEqual({ _id: 'a' })
  expect(await names()).toEqual([])
  await session.abortTransaction()
  expect(await names()).toEqual([])
  const stream = db.watch()
  await stream.tryNext()
  session.startTransaction()
  await db.createCollection('made', { session, capped: false })
  const made = db.collection<{ _id: string; n: number }>('made')
  await made.insertMany(
    [
      { _id: 'a', n: 1 },
      { _id: 'b', n: 2 },
    ],
    { session },
  )
  await made.updateOne({ _id: 'a' }, { $inc: { n: 5 } }, { session })
  await expect(made.insertOne({ _id: 'a', n: 0 }, { session })).rejects.toMatchObject({ code: 11000 })
  await session.abortTransaction()
  session.startTransaction()
  await made.insertOne({ _id: 'c', n: 3 }, { session })
  await db.collection<{ _id: string }>('other').insertOne({ _id: 'x' }, { session })
  await session.commitTransaction()
  expect(await names()).toEqual(['made', 'other'])
  await made.insertOne({ _id: 'd', n: 4 })
  expect((await stream.next()) as unknown).toMatchObject({ operationType: 'insert', documentKey: { _id: 'c' } })
  await stream.close()
  await session.endSession()
  await server.kill()
  await server.start()
  const again = (await server.connect()).getClient().db()
  expect((await again.collection<{ _id: string }>('made').find().toArray()).map(({ _id }) => _id)).toEqual(['c', 'd'])
  await again.collection<{ _id: string }>('made').insertOne({ _id: 'e' })
  await expect(again.collection<{ _id: string }>('made').insertOne({ _id: 'c' })).rejects.toMatchObject({ code: 11000 })
})

test('of two that create one collection the transaction is told to retry', async () => {
  await using server = await startServer()
  const connection = await server.connect()
  const db = connection.getClient().db()
  const session = await connection.startSession()
  session.startTransaction()
  await db.collection('both').insertOne({ by: 'transaction' }, { session })
  await db.collection('both').insertOne({ by: 'other' })
  await expect(session.commitTransaction()).rejects.toMatchObject({ errorLabels: ['TransientTransactionError'] })
  await session.withTransaction(() => db.collection('both').insertOne({ by: 'transaction' }, { session }))
  expect((await db.collection('both').find().toArray()).map(({ by }) => String(by))).toEqual(['other', 'transaction'])
  await session.endSession()
})

test('a transaction of a client that is gone keeps nobody waiting', async () => {
  await using server = await startServer()
  const there = await server.connect()
  await accounts(there).insertOne({ _id: 'a', amount: 1 })
  const gone = await RawClient.connect(server.uri)
  const lsid = { id: new UUID().toBinary() }
  const inTransaction = { lsid, txnNumber: Long.fromNumber(1), autocommit: false, startTransaction: true }
  const updates = [{ q: { _id: 'a' }, u: { $inc: { amount: 5 } } }]
  expect(await gone.command({ update: 'accounts', updates, $db: 'tributary', ...inTransaction })).toMatchObject({
    n: 1,
  })
  // Without a word, as when its process is killed.
  gone.close()
  await there.transaction(async (session) => {
    await accounts(there).updateOne({ _id: 'a' }, { $inc: { amount: 1 } }, { session })
  })
  expect(await accounts(there).findOne({ _id: 'a' })).toEqual({ _id: 'a', amount: 2 })
})
