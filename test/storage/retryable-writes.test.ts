import { Binary, Long } from 'bson'
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { startServer } from './embedded-server.ts'
import { RawClient } from './raw-client.ts'

function newSession(): { id: Binary } {
  return { id: new Binary(randomBytes(16), Binary.SUBTYPE_UUID) }
}

test('a write that is sent again is answered as the first time and carried out once, also after a crash', async () => {
  await using server = await startServer()
  const lsid = newSession()
  const insert = {
    insert: 'c',
    documents: [
      { _id: 1, n: 0 },
      { _id: 2, n: 0 },
    ],
    lsid,
    txnNumber: Long.ONE,
    $db: 'test',
  }
  const inc = {
    findAndModify: 'c',
    query: { _id: 1 },
    update: { $inc: { n: 1 } },
    new: true,
    lsid,
    txnNumber: Long.fromNumber(2),
    $db: 'test',
  }
  const client = await RawClient.connect(server.uri)
  expect(await client.command(insert)).toMatchObject({ ok: 1, n: 2 })
  const again = await client.command(insert)
  expect(again).toMatchObject({ ok: 1, n: 2 })
  expect(again).not.toHaveProperty('writeErrors')
  expect(await client.command(inc)).toMatchObject({ value: { _id: 1, n: 1 } })
  await server.kill()
  await server.start()
  const other = await RawClient.connect(server.uri)
  expect(await other.command(inc)).toMatchObject({ ok: 1, value: { _id: 1, n: 1 } })
  expect(await other.command({ find: 'c', filter: { _id: 1 }, $db: 'test' })).toMatchObject({
    cursor: { firstBatch: [{ _id: 1, n: 1 }] },
  })
  expect(await other.command(insert)).toMatchObject({ ok: 0, code: 225 })
  other.close()
})

test('of a list that is sent again only what was not carried out is', async () => {
  await using server = await startServer()
  const client = await RawClient.connect(server.uri)
  const lsid = newSession()
  const update = (ids: number[]): object => ({
    update: 'c',
    updates: ids.map((id) => ({ q: { _id: id }, u: { $inc: { n: 1 } }, upsert: true })),
    lsid,
    txnNumber: Long.ONE,
    $db: 'test',
  })
  await client.command(update([1, 2]))
  expect(await client.command(update([1, 2, 3]))).toMatchObject({
    ok: 1,
    n: 3,
    upserted: [{ index: 0 }, { index: 1 }, { index: 2 }],
  })
  const { cursor } = await client.command({ find: 'c', filter: {}, $db: 'test' })
  expect((cursor as { firstBatch: unknown }).firstBatch).toEqual([1, 2, 3].map((_id) => ({ _id, n: 1 })))
  client.close()
})

test('a commit that is sent again is answered with success, also after a crash', async () => {
  await using server = await startServer()
  const client = await RawClient.connect(server.uri)
  await client.command({ create: 'c', $db: 'test' })
  const transaction = { lsid: newSession(), txnNumber: Long.ONE, autocommit: false }
  await client.command({ insert: 'c', documents: [{ _id: 1 }], ...transaction, startTransaction: true, $db: 'test' })
  const commit = { commitTransaction: 1, ...transaction, $db: 'admin' }
  expect(await client.command(commit)).toMatchObject({ ok: 1 })
  expect(await client.command(commit)).toMatchObject({ ok: 1 })
  await server.kill()
  await server.start()
  const other = await RawClient.connect(server.uri)
  expect(await other.command(commit)).toMatchObject({ ok: 1 })
  expect(await other.command({ count: 'c', $db: 'test' })).toMatchObject({ n: 1 })
  other.close()
})

test('a long insert that is sent again stores each document once and tells the same errors', async () => {
  await using server = await startServer()
  const client = await RawClient.connect(server.uri)
  await client.command({ insert: 'c', documents: [{ _id: 3 }, { _id: 40 }], $db: 'test' })
  const insert = {
    insert: 'c',
    documents: Array.from({ length: 50 }, (_, place) => ({ _id: place })),
    ordered: false,
    lsid: newSession(),
    txnNumber: Long.ONE,
    $db: 'test',
  }
  const outcome = {
    ok: 1,
    n: 48,
    writeErrors: [
      { index: 3, code: 11000 },
      { index: 40, code: 11000 },
    ],
  }
  expect(await client.command(insert)).toMatchObject(outcome)
  expect(await client.command(insert)).toMatchObject(outcome)
  await server.kill()
  await server.start()
  const other = await RawClient.connect(server.uri)
  expect(await other.command(insert)).toMatchObject(outcome)
  expect(await other.command({ count: 'c', $db: 'test' })).toMatchObject({ n: 50 })
  other.close()
})
