import { expect, test } from 'vitest'
import { startServer } from './embedded-server.ts'

test('documents can be given to a pipeline without a collection', async () => {
  await using server = await startServer()
  const db = (await server.connect()).getClient().db()
  await db.collection('others').insertOne({ x: 9 })
  const found = await db
    .aggregate([
      { $documents: [{ x: 10 }, { x: { $add: [1, 1] } }] },
      { $unionWith: 'others' },
      { $sort: { x: 1 } },
      { $project: { _id: 0 } },
    ])
    .toArray()
  expect(found).toEqual([{ x: 2 }, { x: 9 }, { x: 10 }])
  await expect(db.aggregate([{ $documents: 1 }]).toArray()).rejects.toMatchObject({ code: 5858203 })
  await expect(db.aggregate([{ $documents: [1] }]).toArray()).rejects.toMatchObject({ code: 40228 })
  await expect(
    db
      .collection('c')
      .aggregate([{ $documents: [] }])
      .toArray(),
  ).rejects.toMatchObject({ code: 73 })
  await expect(db.aggregate([{ $match: {} }]).toArray()).rejects.toThrow(/MONGODB_URI/)
})

test('every command that searches can be explained, and a write that is explained writes nothing', async () => {
  await using server = await startServer()
  const db = (await server.connect()).getClient().db()
  const rows = db.collection('rows')
  await rows.createIndex({ a: 1 })
  await rows.insertMany([{ a: 1 }, { a: 2 }])
  const explain = (command: object): Promise<unknown> => db.command({ explain: command, verbosity: 'executionStats' })
  const search = { stage: 'FETCH', inputStage: { stage: 'IXSCAN', indexName: 'a_1' } }
  const above = (stage: string): object => ({
    queryPlanner: { winningPlan: { stage, inputStage: { stage: 'LIMIT', inputStage: search } } },
  })
  expect(await explain({ update: 'rows', updates: [{ q: { a: 1 }, u: { $set: { a: 5 } } }] })).toMatchObject(
    above('UPDATE'),
  )
  expect(await explain({ delete: 'rows', deletes: [{ q: { a: 1 }, limit: 1 }] })).toMatchObject(above('DELETE'))
  expect(await explain({ findAndModify: 'rows', query: { a: 1 }, remove: true })).toMatchObject(above('DELETE'))
  expect(await explain({ count: 'rows', query: { a: 1 } })).toMatchObject({
    queryPlanner: { winningPlan: { stage: 'COUNT', inputStage: search } },
    executionStats: { nReturned: 1, totalDocsExamined: 1 },
  })
  expect(await explain({ distinct: 'rows', key: 'a', query: { a: 1 } })).toMatchObject({
    queryPlanner: { winningPlan: search },
  })
  await expect(explain({ insert: 'rows', documents: [{}] })).rejects.toThrow(/explain of 'insert'/)
  expect((await rows.find().toArray()).map(({ a }) => Number(a))).toEqual([1, 2])
})

test('a write uses the index that it is told to, and refuses one that there is not', async () => {
  await using server = await startServer()
  const rows = (await server.connect()).getClient().db().collection('rows')
  await rows.createIndex({ a: 1 })
  await rows.insertMany([
    { a: 1, b: 1 },
    { a: 0, b: 1 },
    { a: 2, b: 1 },
  ])
  // The first match in the order of the index, not of insertion.
  expect(await rows.findOneAndUpdate({ b: 1 }, { $set: { c: 1 } }, { hint: { a: 1 } })).toMatchObject({ a: 0 })
  expect(await rows.updateOne({ b: 1 }, { $set: { d: 1 } }, { hint: { a: 1 } })).toMatchObject({ modifiedCount: 1 })
  expect(await rows.findOne({ d: 1 })).toMatchObject({ a: 0 })
  await expect(rows.updateMany({}, { $set: { d: 1 } }, { hint: 'b_1' })).rejects.toMatchObject({ code: 2 })
  await expect(rows.deleteOne({}, { hint: { b: 1 } })).rejects.toMatchObject({ code: 2 })
  expect(await rows.deleteMany({ b: 1 }, { hint: { a: 1 } })).toMatchObject({ deletedCount: 3 })
})
