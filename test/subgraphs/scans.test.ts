import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase, type TestDatabase } from '../storage/test-database.ts'
import { scansOf } from './scans-of.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

it('tells reads without an index, also those within writes and aggregations, and no others', async () => {
  const connection = await database.connect({ monitorCommands: true })
  const things = connection.collection<{ _id: string; owner: string; name: string }>('things')
  await things.createIndex({ owner: 1, name: 1 })
  await things.insertMany(['a', 'b', 'c'].map((name) => ({ _id: name, owner: 'me', name })))
  const problems = await scansOf(connection, async () => {
    await things.find({ owner: 'me' }, { sort: { name: 1 } }).toArray()
    await things.updateOne({ _id: 'a' }, { $set: { name: 'x' } })
    await things.countDocuments({ owner: 'me' })
    await things.deleteMany({ name: 'b' })
    await things.findOneAndUpdate({ name: 'c' }, { $set: { name: 'd' } })
    await things.countDocuments({ name: 'c' })
  })
  expect(problems).toEqual(['things [{"name":"b"},{}]: COLLSCAN', 'things [{"name":"c"},{}]: COLLSCAN'])
})
