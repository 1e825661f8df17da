import { expect, test } from 'vitest'
import { startServer } from './embedded-server.ts'

type Row = { _id: string; client: number; turn: number; pair?: string }

const rounds = 4
const writers = 8

test('kill -9 under load loses no acknowledged write and tears no transaction', async () => {
  await using server = await startServer()
  const setup = (await server.connect()).getClient().db().collection<Row>('rows')
  await setup.createIndex({ client: 1, turn: 1 }, { unique: true })
  const acknowledged = new Set<string>()
  for (let round = 0; round < rounds; round++) {
    // Retries are for a server that comes back; here they would only wait.
    const connection = await server.connect({ serverSelectionTimeoutMS: 200 })
    const collection = connection.getClient().db().collection<Row>('rows')
    const stopped = new AbortController()
    const write = async (client: number): Promise<void> => {
      for (let turn = 0; !stopped.signal.aborted; turn++) {
        const id = `${round}.${client}.${turn}`
        try {
          if (client % 2 === 0) {
            await collection.insertOne({ _id: id, client: round * writers + client, turn })
          } else {
            const session = await connection.startSession()
            session.startTransaction()
            await collection.insertOne({ _id: id, client: round * writers + client, turn, pair: `${id}+` }, { session })
            await collection.insertOne(
              { _id: `${id}+`, client: -round * writers - client, turn, pair: id },
              { session },
            )
            await session.commitTransaction()
            await session.endSession()
          }
          acknowledged.add(id)
        } catch {
          // The server is gone: this write was not acknowledged, and either of its ends is right.
          return
        }
      }
    }
    const before = acknowledged.size
    const work = Array.from({ length: writers }, (_, client) => write(client))
    await expect.poll(() => acknowledged.size, { timeout: 10_000, interval: 5 }).toBeGreaterThan(before + 100)
    await server.kill()
    stopped.abort()
    await connection.close(true)
    await Promise.all(work)
    await server.start()

    const check = (await server.connect()).getClient().db().collection<Row>('rows')
    const stored = new Map((await check.find().toArray()).map((row) => [row._id, row]))
    expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([])
    for (const { pair } of stored.values()) if (pair !== undefined) expect(stored.has(pair)).toBe(true)
    // The index holds what the collection holds.
    const indexed = await check
      .find({ client: { $gte: -1000 } })
      .sort({ client: 1, turn: 1 })
      .toArray()
    expect(indexed).toHaveLength(stored.size)
  }
}, 120_000)
