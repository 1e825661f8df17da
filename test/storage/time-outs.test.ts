import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Binary, Long } from 'bson'
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { dispatch } from '../../storage/embedded/commands/dispatch.ts'
import { openDataFolder } from '../../storage/embedded/engine/data-folder.ts'
import { openEngine } from '../../storage/embedded/engine/open-engine.ts'
import { readDoc, type Doc } from '../../storage/embedded/query/bson.ts'

const minute = 60_000

function onFault(error: unknown): void {
  throw error
}

/** The database in this process, by a clock that the test sets. */
async function openByClock() {
  const path = await mkdtemp(join(tmpdir(), 'trb-'))
  const folder = openDataFolder(path, { address: 'nowhere', endsWithParent: false })
  let time = 0
  const engine = openEngine({ environment: folder.environment, address: 'nowhere', onFault, now: () => time })
  return {
    engine,
    pass: (milliseconds: number) => (time += milliseconds),
    async command(body: Doc): Promise<Doc> {
      return readDoc(await dispatch({ ...body, $db: 'test' }, { engine, connectionId: 1, onFault }))
    },
    async [Symbol.asyncDispose]() {
      engine.sessions.abortAll()
      await engine.finish()
      await folder.release()
      await rm(path, { recursive: true, force: true })
    },
  }
}

function transaction(): Doc {
  const lsid = { id: new Binary(randomBytes(16), Binary.SUBTYPE_UUID) }
  return { lsid, txnNumber: Long.ONE, autocommit: false }
}

test('a cursor ends when nobody has asked it for ten minutes', async () => {
  await using database = await openByClock()
  await database.command({ insert: 'c', documents: [{ _id: 1 }, { _id: 2 }, { _id: 3 }] })
  const opened = await database.command({ find: 'c', batchSize: 1 })
  const { id } = opened['cursor'] as { id: Long }
  const more = { getMore: id, collection: 'c', batchSize: 1 }
  database.pass(9 * minute)
  expect(await database.command(more)).toMatchObject({ ok: expect.anything() as unknown, cursor: { id } })
  database.pass(9 * minute)
  database.engine.cursors.sweep()
  database.pass(2 * minute)
  database.engine.cursors.sweep()
  expect(Number((await database.command(more))['code'])).toBe(43)
})

test('a transaction that nobody ends is aborted after a minute, and what waited for it goes on', async () => {
  await using database = await openByClock()
  await database.command({ insert: 'c', documents: [{ _id: 1, n: 0 }] })
  const options = transaction()
  const updates = [{ q: { _id: 1 }, u: { $inc: { n: 1 } } }]
  expect(Number((await database.command({ update: 'c', updates, ...options, startTransaction: true }))['n'])).toBe(1)
  const waiting = database.command({ update: 'c', updates })
  database.pass(59_000)
  await database.engine.sessions.sweepTransactions()
  expect(Number((await database.command({ find: 'c', ...options }))['ok'])).toBe(1)
  database.pass(2_000)
  await database.engine.sessions.sweepTransactions()
  expect(Number((await waiting)['n'])).toBe(1)
  expect(await database.command({ find: 'c', ...options })).toMatchObject({
    codeName: 'NoSuchTransaction',
    errorLabels: ['TransientTransactionError'],
  })
  const found = await database.command({ find: 'c' })
  expect(found).toMatchObject({ cursor: { firstBatch: [{ n: { value: 1 } }] } })
})

test('a session is forgotten after half an hour, and its open transaction with it', async () => {
  await using database = await openByClock()
  await database.command({ create: 'c' })
  const options = transaction()
  await database.command({ insert: 'c', documents: [{ _id: 1 }], ...options, startTransaction: true })
  database.pass(31 * minute)
  await database.engine.sessions.sweep()
  expect(await database.command({ find: 'c', ...options })).toMatchObject({ codeName: 'NoSuchTransaction' })
  expect(await database.command({ find: 'c' })).toMatchObject({ cursor: { firstBatch: [] } })
})
