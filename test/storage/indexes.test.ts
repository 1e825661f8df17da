import { expect, test } from 'vitest'
import { startServer } from './embedded-server.ts'

type Explained = {
  queryPlanner: { winningPlan: Stage }
  executionStats: { totalDocsExamined: number; nReturned: number }
}
type Stage = { stage: string; indexName?: string; inputStage?: Stage }

/** The stages from the top down, an index scan with its index. */
function stages(explained: unknown): string[] {
  const names: string[] = []
  let stage: Stage | undefined = (explained as Explained).queryPlanner.winningPlan
  for (; stage !== undefined; stage = stage.inputStage) {
    names.push(stage.indexName === undefined ? stage.stage : `${stage.stage} ${stage.indexName}`)
  }
  return names
}

test('clients that insert the same unique value at once: one succeeds, the others are told the key', async () => {
  await using server = await startServer()
  const clients = await Promise.all([server.connect(), server.connect(), server.connect()])
  await clients[0]?.collection('deals').createIndex({ customer: 1, product: 1 }, { unique: true })
  const results = await Promise.allSettled(
    Array.from({ length: 30 }, (_, turn) =>
      clients[(turn % 3) as 0 | 1 | 2].collection('deals').insertOne({ customer: 'acme', product: 'x', turn }),
    ),
  )
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const result of results) {
    if (result.status === 'rejected') {
      expect(result.reason).toMatchObject({
        code: 11000,
        keyPattern: { customer: 1, product: 1 },
        keyValue: { customer: 'acme', product: 'x' },
      })
    }
  }
})

test('an index serves equality, ranges, $in and order, and explain names it', async () => {
  await using server = await startServer()
  const collection = (await server.connect()).collection('orders')
  await collection.createIndex({ org: 1, at: -1 })
  await collection.insertMany(Array.from({ length: 300 }, (_, n) => ({ org: n % 10, at: new Date(n), n })))
  const newest = collection.find({ org: 3 }).sort({ at: -1 }).limit(5)
  expect((await newest.toArray()).map(({ n }) => n as number)).toEqual([293, 283, 273, 263, 253])
  const explained = (await collection.find({ org: 3 }).sort({ at: -1 }).limit(5).explain('executionStats')) as unknown
  expect(stages(explained)).toEqual(['LIMIT', 'FETCH', 'IXSCAN org_1_at_-1'])
  expect((explained as Explained).executionStats).toMatchObject({ nReturned: 5, totalDocsExamined: 5 })
  const range = await collection.find({ org: { $in: [1, 2] }, at: { $lt: new Date(25) } }).explain('executionStats')
  expect((range as unknown as Explained).executionStats).toMatchObject({ nReturned: 6, totalDocsExamined: 6 })
  expect(stages(await collection.find({ n: 5 }).sort({ at: 1 }).explain())).toEqual(['SORT', 'COLLSCAN'])
  const counted = (await collection.aggregate([{ $match: { org: 3 } }, { $count: 'n' }]).explain()) as unknown as {
    stages: object[]
  }
  expect(counted.stages).toMatchObject([
    { $cursor: { queryPlanner: { winningPlan: { inputStage: { indexName: 'org_1_at_-1' } } } } },
    { $count: 'n' },
  ])
})

test('a partial unique index binds only the documents it holds', async () => {
  await using server = await startServer()
  const collection = (await server.connect()).collection('registrations')
  await collection.createIndex({ key: 1 }, { unique: true, partialFilterExpression: { active: true } })
  await collection.insertMany([
    { key: 'a', active: false },
    { key: 'a', active: false },
    { key: 'a', active: true },
  ])
  await expect(collection.insertOne({ key: 'a', active: true })).rejects.toMatchObject({ code: 11000 })
  await expect(collection.updateOne({ key: 'a', active: false }, { $set: { active: true } })).rejects.toMatchObject({
    code: 11000,
  })
  expect(stages(await collection.find({ key: 'a' }).explain())).toEqual(['COLLSCAN'])
  expect(stages(await collection.find({ key: 'a', active: true }).explain())).toEqual(['FETCH', 'IXSCAN key_1'])
})

test('a sparse unique index lets any number of documents go without', async () => {
  await using server = await startServer()
  const collection = (await server.connect()).collection('codes')
  await collection.createIndex({ code: 1 }, { unique: true, sparse: true })
  await collection.insertMany([{}, {}, { code: 1 }])
  await expect(collection.insertOne({ code: 1 })).rejects.toMatchObject({ code: 11000 })
  expect(await collection.find().sort({ code: 1 }).toArray()).toHaveLength(3)
  expect(await collection.countDocuments({ code: null })).toBe(2)
})

test('an index over arrays finds each document once', async () => {
  await using server = await startServer()
  const collection = (await server.connect()).collection<{ _id: number; tags: unknown }>('tags')
  await collection.createIndex({ tags: 1 })
  await collection.insertMany([
    { _id: 1, tags: ['a', 'b', 'c'] },
    { _id: 2, tags: 'b' },
    { _id: 3, tags: [] },
    { _id: 4, tags: [1, 9] },
  ])
  const ids = async (filter: object): Promise<number[]> =>
    (await collection.find(filter).toArray()).map(({ _id }) => _id)
  expect(await ids({ tags: { $gte: 'a' } })).toEqual([1, 2])
  expect(await ids({ tags: { $in: ['c', 'b'] } })).toEqual(expect.arrayContaining([1, 2]))
  // 1 is below 5 and 9 above 2: different elements may meet the two bounds.
  expect(await ids({ tags: { $gt: 2, $lt: 5 } })).toEqual([4])
  expect(await ids({ tags: [] })).toEqual([3])
})

test('keys too long for the store stay unique, findable and in order', async () => {
  await using server = await startServer()
  const collection = (await server.connect()).collection<{ _id: number; s: string }>('long')
  await collection.createIndex({ s: 1 }, { unique: true })
  const head = 'x'.repeat(5000)
  await collection.insertMany(['c', 'a', 'b'].map((tail, _id) => ({ _id, s: head + tail })))
  await expect(collection.insertOne({ _id: 9, s: `${head}a` })).rejects.toMatchObject({ code: 11000 })
  expect((await collection.findOne({ s: `${head}b` }))?._id).toBe(2)
  expect(
    (
      await collection
        .find({ s: { $gt: `${head}a` } })
        .sort({ s: 1 })
        .toArray()
    ).map(({ _id }) => _id),
  ).toEqual([2, 0])
})

test('creating indexes again changes nothing, and differently is refused', async () => {
  await using server = await startServer()
  const collection = (await server.connect()).collection('again')
  await collection.createIndex({ a: 1 }, { unique: true })
  await collection.createIndex({ a: 1 }, { unique: true })
  await expect(collection.createIndex({ a: 1 })).rejects.toMatchObject({ code: 85 })
  await expect(collection.createIndex({ b: 1 }, { name: 'a_1' })).rejects.toMatchObject({ code: 86 })
  expect((await collection.indexes()).map(({ name }) => name)).toEqual(['_id_', 'a_1'])
  await collection.dropIndex('a_1')
  await expect(collection.dropIndex('a_1')).rejects.toMatchObject({ code: 27 })
})

test('a unique index over documents that repeat a key is refused and leaves nothing behind', async () => {
  await using server = await startServer()
  const collection = (await server.connect()).collection('repeated')
  await collection.insertMany(Array.from({ length: 1200 }, (_, n) => ({ n: n % 1100 })))
  await expect(collection.createIndex({ n: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 })
  expect(await collection.indexes()).toHaveLength(1)
  await collection.createIndex({ n: 1 })
  expect(await collection.countDocuments({ n: 50 })).toBe(2)
})

test('documents expire by their TTL index', async () => {
  await using server = await startServer({ ttlSeconds: 1 })
  const collection = (await server.connect()).collection<{ _id: string; at?: unknown }>('tokens')
  await collection.createIndex({ at: 1 }, { expireAfterSeconds: 60 })
  const stream = collection.watch([{ $match: { operationType: 'delete' } }], { maxAwaitTimeMS: 50 })
  const next = stream.next()
  // The stream is open on the server once a first, empty page has come.
  await stream.tryNext()
  await collection.insertMany([
    { _id: 'old', at: new Date(Date.now() - 61_000) },
    { _id: 'new', at: new Date() },
    { _id: 'never', at: 'a string' },
    { _id: 'missing' },
  ])
  expect(await next).toMatchObject({ documentKey: { _id: 'old' } })
  expect(await collection.countDocuments()).toBe(3)
  await stream.close()
})

test('a scan whose index is dropped ends with an error, not with a part of the answer', async () => {
  await using server = await startServer()
  const collection = (await server.connect()).collection('dropped')
  await collection.insertMany(Array.from({ length: 500 }, (_, n) => ({ n })))
  await collection.createIndex({ n: 1 })
  const cursor = collection.find({ n: { $gte: 0 } }).batchSize(10)
  await cursor.next()
  await collection.dropIndex('n_1')
  await expect(cursor.toArray()).rejects.toMatchObject({ code: 175 })
})

test('indexes that are created while many documents are updated hold all of them', async () => {
  await using server = await startServer()
  const connections = await Promise.all([server.connect(), server.connect()])
  const [collection, other] = connections.map((connection) => connection.collection('busy'))
  await collection?.insertMany(Array.from({ length: 3000 }, (_, n) => ({ n, m: 0 })))
  const update = collection?.updateMany({}, { $inc: { m: 1 } })
  await other?.createIndex({ m: 1 })
  await other?.createIndex({ m: 1, n: 1 })
  expect((await update)?.modifiedCount).toBe(3000)
  expect(await collection?.countDocuments({ m: 1 })).toBe(3000)
  expect(await collection?.countDocuments({ m: 0 })).toBe(0)
})

test('a hint makes the planner use an index, and is an error where there is none or it lacks documents', async () => {
  await using server = await startServer()
  const collection = (await server.connect()).collection<{ _id: number; a?: number }>('hinted')
  await collection.createIndex({ a: -1 })
  await collection.createIndex({ a: 1 }, { sparse: true, name: 'sparse' })
  await collection.insertMany([{ _id: 1, a: 1 }, { _id: 2, a: 3 }, { _id: 3 }, { _id: 4, a: 2 }])
  const ids = async (hint: string | Record<string, 1 | -1>): Promise<number[]> =>
    (await collection.find({}, { hint }).toArray()).map(({ _id }) => _id)
  expect(await ids({ a: -1 })).toEqual([2, 4, 1, 3])
  expect(await ids({ $natural: 1 })).toEqual([1, 2, 3, 4])
  expect(await collection.aggregate([{ $match: {} }], { hint: 'a_-1' }).next()).toEqual({ _id: 2, a: 3 })
  expect(await collection.countDocuments({ a: { $gt: 1 } }, { hint: 'sparse' })).toBe(2)
  await expect(ids('none')).rejects.toMatchObject({ code: 2 })
  await expect(ids('sparse')).rejects.toThrow(/sparse.*MONGODB_URI/)
})

test('collMod hides an index from the planner, shows it again and changes when documents expire', async () => {
  await using server = await startServer()
  const connection = await server.connect()
  const db = connection.getClient().db()
  const collection = db.collection('changed')
  await collection.createIndex({ a: 1 })
  const stage = async (): Promise<string> =>
    JSON.stringify(await collection.find({ a: 1 }).explain('queryPlanner')).includes('IXSCAN') ? 'IXSCAN' : 'COLLSCAN'
  const change = (index: object): Promise<object> => db.command({ collMod: 'changed', index })
  expect(await change({ name: 'a_1', hidden: true })).toMatchObject({ hidden_old: false, hidden_new: true })
  expect(await stage()).toBe('COLLSCAN')
  await collection.insertOne({ a: 1 })
  await server.kill()
  await server.start()
  expect(await stage()).toBe('COLLSCAN')
  await change({ keyPattern: { a: 1 }, hidden: false, expireAfterSeconds: 5 })
  expect(await stage()).toBe('IXSCAN')
  expect(await collection.countDocuments({ a: 1 })).toBe(1)
  expect(await collection.indexes()).toMatchObject([{ name: '_id_' }, { name: 'a_1', expireAfterSeconds: 5 }])
  await expect(change({ name: 'none', hidden: true })).rejects.toMatchObject({ code: 27 })
  await expect(change({ name: 'a_1', unique: true })).rejects.toThrow(/unique.*MONGODB_URI/)
  await expect(db.command({ collMod: 'changed', viewOn: 'other' })).rejects.toThrow(/viewOn.*MONGODB_URI/)
})

test('a database that is stopped while it clears away dropped collections ends in order', async () => {
  await using server = await startServer()
  const collection = (await server.connect()).collection('dropped')
  await collection.insertMany(Array.from({ length: 20_000 }, (_, n) => ({ n })))
  await collection.drop()
  await server.stop()
  await server.start()
  expect(await (await server.connect()).collection('dropped').countDocuments()).toBe(0)
})

test('both ends of a range within $elemMatch bound the scan of an array, those of different elements only one', async () => {
  await using server = await startServer()
  const collection = (await server.connect()).collection('texts')
  await collection.createIndex({ words: 1 })
  const words = ['alpha', 'beta', 'beta two', 'gamma', 'delta']
  await collection.insertMany(words.map((word, n) => ({ n, words: [word, `z${n}`] })))
  const within = { $elemMatch: { $gte: 'beta', $lt: 'beta\u{10ffff}' } }
  const found = await collection.find({ words: within }).toArray()
  expect(found.map(({ n }) => n as number)).toEqual([1, 2])
  const examined = async (filter: object): Promise<number> =>
    ((await collection.find(filter).explain('executionStats')) as unknown as Explained).executionStats.totalDocsExamined
  expect(await examined({ words: within })).toBe(2)
  expect(await examined({ words: { $all: [within, { $elemMatch: { $gte: 'z1', $lt: 'z2' } }] } })).toBe(2)
  expect(await collection.countDocuments({ words: { $gte: 'beta', $lt: 'beta\u{10ffff}' } })).toBe(3)
  expect(await collection.countDocuments({ words: { $gte: 'y', $lt: 'beta' } })).toBe(1)
})

test('a scan that covers its filter finds what the filter means, to the edges of types and values', async () => {
  await using server = await startServer()
  const rows = (await server.connect()).getClient().db().collection<{ _id: number; a?: unknown; b?: unknown }>('rows')
  await rows.createIndex({ a: 1, b: -1 })
  const long = 'x'.repeat(3000)
  const values = [null, 1, 1.5, Number.NaN, -5, 'a', 'ab', new Date(5), new Date(9), { x: 1 }, long, `${long}y`]
  await rows.insertMany([{ _id: -1 }, ...values.map((a, _id) => ({ _id, a, b: _id % 2 }))])
  const ids = async (filter: object): Promise<number[]> =>
    (await rows.find(filter).toArray()).map(({ _id }) => _id).toSorted((a, b) => a - b)
  const cases: [object, number[]][] = [
    [{ a: 1 }, [1]],
    [{ a: { $in: [1, 'ab', { x: 1 }] } }, [1, 6, 9]],
    [{ a: null }, [-1, 0]],
    [{ a: { $gte: -5 } }, [1, 2, 4]],
    [{ a: { $lte: 1 } }, [1, 4]],
    [{ a: { $gte: 1, $lte: 1.5 } }, [1, 2]],
    [{ a: { $gt: 1 } }, [2]],
    [{ a: { $gte: 'a', $lte: 'ab' } }, [5, 6]],
    [{ a: { $lte: new Date(5) } }, [7]],
    [{ a: long }, [10]],
    [{ a: { $in: ['a', 'ab'] }, b: 1 }, [5]],
    [{ a: 'ab', b: { $gte: 0, $lte: 5 } }, [6]],
    [{ a: 'ab', b: { $gte: 1 } }, []],
    [{ a: 1, _id: 2 }, []],
  ]
  for (const [filter, expected] of cases) expect(await ids(filter)).toEqual(expected)
})
