import { expect, test } from 'vitest'
import { startServer } from './embedded-server.ts'
import { message, RawClient } from './raw-client.ts'

async function refusal(work: Promise<unknown>): Promise<{ code: number; message: string }> {
  try {
    await work
  } catch (error) {
    return error as { code: number; message: string }
  }
  return { code: 0, message: 'was not refused' }
}

test('what is not supported is refused by name, with a code and the way out', async () => {
  await using server = await startServer()
  const connection = await server.connect()
  const db = connection.getClient().db()
  const collection = db.collection('c')
  await collection.insertOne({ a: 1 })
  const cases: [() => Promise<unknown>, number, string][] = [
    [() => db.command({ mapReduce: 'c' }), 59, 'mapReduce'],
    [() => collection.find({}, { collation: { locale: 'de' } }).toArray(), 72, 'collation'],
    [() => collection.find({}, { hint: 'a_1' }).toArray(), 72, 'hint'],
    [() => collection.find({ $where: 'true' }).toArray(), 2, '$where'],
    [() => collection.aggregate([{ $out: 'x' }]).toArray(), 40324, '$out'],
    [() => collection.createIndex({ a: 'text' }), 67, 'text'],
    [() => db.createCollection('capped', { capped: true, size: 100 }), 72, 'capped'],
    [() => collection.watch([], { fullDocumentBeforeChange: 'required' }).next(), 72, 'fullDocumentBeforeChange'],
  ]
  for (const [work, code, name] of cases) {
    const error = await refusal(work())
    expect(error).toMatchObject({ code })
    expect(error.message).toContain(name)
    expect(error.message).toContain('MONGODB_URI')
  }
})

test('a broken message closes its own connection and no other', async () => {
  await using server = await startServer()
  const bystander = await RawClient.connect(server.uri)
  const ping = message({ ping: 1, $db: 'admin' })
  const tooLong = Buffer.from(ping)
  tooLong.writeInt32LE(48 * 1024 * 1024 + 1, 0)
  const tooShort = Buffer.from(ping)
  tooShort.writeInt32LE(3, 0)
  const unknownOpcode = Buffer.from(ping)
  unknownOpcode.writeInt32LE(7, 12)
  const badBson = Buffer.from(ping)
  badBson[25] = 0x77
  for (const broken of [tooLong, tooShort, unknownOpcode, badBson]) {
    const client = await RawClient.connect(server.uri)
    client.send(broken)
    await client.closedByServer()
  }
  expect(await bystander.command({ ping: 1, $db: 'admin' })).toMatchObject({ ok: 1 })
  bystander.close()
})

test('maxTimeMS ends a scan that takes too long', async () => {
  await using server = await startServer()
  const collection = (await server.connect()).collection('slow')
  for (let part = 0; part < 5; part++) {
    await collection.insertMany(Array.from({ length: 5000 }, (_, n) => ({ n, text: 'x'.repeat(50) })))
  }
  await expect(
    collection
      .find({ text: { $regex: 'y$' } })
      .maxTimeMS(1)
      .toArray(),
  ).rejects.toMatchObject({ code: 50 })
})
