import mongoose from 'mongoose'
import { expect, test } from 'vitest'
import { openReplicaSetDatabase, replicaSetUri } from './test-database.ts'

type Row = { _id: string }
type Counter = { _id: string; n: number; done: string[] }

const writers = 8
const writesBefore = 20
const writesAfter = 20

/** Whether the server has step-downs at all: the embedded database, which has one member, refuses them by name. */
async function canStepDown(uri: string): Promise<boolean> {
  await using client = await new mongoose.mongo.MongoClient(uri).connect()
  const { hosts } = await client.db('admin').command({ hello: 1 })
  const probe = client.db('admin').command({ replSetGetStatus: 1 })
  return (
    hosts !== undefined &&
    (await probe.then(
      () => true,
      () => false,
    ))
  )
}

const possible = replicaSetUri !== undefined && (await canStepDown(replicaSetUri))
if (replicaSetUri !== undefined && !possible) {
  process.stdout.write('step-down.test.ts is skipped: the server of TEST_MONGODB_URI has no step-downs.\n')
}

test.skipIf(!possible)(
  'writes go on over a step-down of the primary, each carried out once',
  async () => {
    await using database = await openReplicaSetDatabase()
    const connection = (await database?.connect()) as mongoose.Connection
    const db = connection.getClient().db(connection.name)
    const [rows, counters] = [db.collection<Row>('rows'), db.collection<Counter>('counters')]
    await rows.insertOne({ _id: 'first' })
    await counters.insertMany(['plain', 'transaction'].map((_id) => ({ _id, n: 0, done: [] })))
    const written = new Set<string>()
    let steppedDown = false
    const write = async (writer: number): Promise<void> => {
      let after = 0
      for (let turn = 0; after < writesAfter; turn++) {
        const id = `${writer}.${turn}`
        const change = { $inc: { n: 1 }, $push: { done: id } }
        await rows.insertOne({ _id: id })
        await counters.updateOne({ _id: 'plain' }, change)
        await connection.getClient().withSession((session) =>
          session.withTransaction(async () => {
            await counters.updateOne({ _id: 'transaction' }, change, { session })
            await rows.insertOne({ _id: `${id} in a transaction` }, { session })
          }),
        )
        written.add(id)
        if (steppedDown) after++
      }
    }
    const work = Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
    await expect.poll(() => written.size, { timeout: 60_000 }).toBeGreaterThan(writesBefore)
    await db.admin().command({ replSetStepDown: 5, secondaryCatchUpPeriodSecs: 2, force: true })
    steppedDown = true
    await work

    const stored = new Set((await rows.find().toArray()).map(({ _id }) => _id))
    for (const id of written) expect(stored.has(id) && stored.has(`${id} in a transaction`)).toBe(true)
    expect(stored.size).toBe(1 + 2 * written.size)
    for (const { n, done } of await counters.find().toArray()) {
      expect(n).toBe(written.size)
      expect(done.toSorted()).toEqual([...written].toSorted())
    }
  },
  180_000,
)
