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
    [() => collection.updateOne({}, { $set: { a: 1 } }, { collation: { locale: 'de' } }), 72, 'collation'],
    [() => collection.find({ $where: 'true' }).toArray(), 2, '$where'],
    [() => collection.aggregate([{ $out: 'x' }]).toArray(), 40324, '$out'],
    [() => collection.createIndex({ a: 'geoHaystack' }), 67, 'geoHaystack'],
    [() => db.createCollection('series', { timeseries: { timeField: 't' } }), 72, 'timeseries'],
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

function insert(document: object): object {
  return { insert: 'c', documents: [document], $db: 'test' }
}

test('what could not be stored as it is, is refused wherever a client sends it', async () => {
  await using server = await startServer()
  const client = await RawClient.connect(server.uri)
  const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) })
  expect(await client.command(insert({ _id: 1, ...nested(200) }))).toMatchObject({ ok: 1, n: 1 })
  expect(await client.command(insert(nested(201)))).toMatchObject({ writeErrors: [{ code: 15 }] })
  expect(await client.command(insert(nested(300)))).toMatchObject({ ok: 0, code: 15 })
  expect(await client.command({ find: 'c', filter: { a: { $eq: nested(300) } }, $db: 'test' })).toMatchObject({
    code: 15,
  })
  const deeper = { update: 'c', updates: [{ q: {}, u: [{ $set: { b: '$$ROOT' } }] }], $db: 'test' }
  expect(await client.command(deeper)).toMatchObject({ writeErrors: [{ code: 15 }] })
  expect(await client.command(insert({ _id: { $a: 1 } }))).toMatchObject({ writeErrors: [{ code: 52 }] })
  for (const id of [[1], /a/]) {
    expect(await client.command(insert({ _id: id }))).toMatchObject({ writeErrors: [{ code: 53 }] })
  }
  const upsert = { q: { _id: 5 }, u: { $set: { n: 1 } }, upsert: true, arrayFilters: 1 }
  expect(await client.command({ update: 'c', updates: [upsert], $db: 'test' })).toMatchObject({
    writeErrors: [{ code: 14 }],
  })
  client.close()
})
