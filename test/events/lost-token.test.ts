import { mkdtemp, rm } from 'node:fs/promises'
import { type Socket, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mongoose, { mongo } from 'mongoose'
import { expect, it, vi } from 'vitest'
import { outboxOf, readRelayState } from '../../events/collections.ts'
import { createEventLog, prepareEventLog } from '../../events/event-log.ts'
import { watchInserts } from '../../events/insert-stream.ts'
import { startRelay } from '../../events/relay.ts'
import { dispatch } from '../../storage/embedded/commands/dispatch.ts'
import { openDataFolder } from '../../storage/embedded/engine/data-folder.ts'
import { openEngine } from '../../storage/embedded/engine/open-engine.ts'
import { trimOplog } from '../../storage/embedded/oplog/trim-oplog.ts'
import { serveConnection } from '../../storage/embedded/wire/serve-connection.ts'
import { event, log } from './event-database.ts'

const now = (): Date => new Date()
const day = 24 * 60 * 60 * 1_000

function onFault(fault: unknown): void {
  throw fault
}

/** The embedded database in this process, so that a test can make its oplog old. */
async function serveHere() {
  const path = await mkdtemp(join(tmpdir(), 'trb-'))
  const socketPath = join(path, 'd.sock')
  const folder = openDataFolder(join(path, 'data'), { address: socketPath, endsWithParent: false })
  const engine = openEngine({ environment: folder.environment, address: socketPath, onFault })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    const answer = ({ command }: { command: Parameters<typeof dispatch>[0] }) =>
      dispatch(command, { engine, connectionId: sockets.size, onFault })
    serveConnection(socket, { handler: { answer, closed: () => sockets.delete(socket) }, onFault: () => undefined })
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const uri = `mongodb://${encodeURIComponent(socketPath)}/tributary?directConnection=true`
  const connection = await mongoose.createConnection(uri).asPromise()
  return {
    connection,
    /** Lets the oplog forget all but its newest entry. */
    async forgetHistory() {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * day })
      try {
        await trimOplog(engine)
      } finally {
        vi.useRealTimers()
      }
    },
    async [Symbol.asyncDispose]() {
      await connection.close()
      engine.sessions.abortAll()
      engine.cursors.killWhere(() => true)
      await engine.finish()
      for (const socket of sockets) socket.destroy()
      server.close()
      await folder.release()
      await rm(path, { recursive: true, force: true })
    },
  }
}

it('sweeps the outbox when the oplog has forgotten where it was left, and follows it again', async () => {
  await using database = await serveHere()
  const { connection } = database
  await prepareEventLog(connection)
  const { token } = await readRelayState(connection)
  const eventLog = createEventLog(connection, { log, now })
  const events = eventLog.forSource('test')
  const commit = async (number: number): Promise<void> => {
    await connection.transaction((session) => events.append(session, event('x', 'one', number)))
  }
  for (const number of [1, 2, 3]) await commit(number)
  await database.forgetHistory()
  const stream = watchInserts(outboxOf(connection), token)
  await expect(stream.opened).rejects.toMatchObject({ code: 286 })
  await expect(stream.opened).rejects.toBeInstanceOf(mongo.MongoServerError)
  await stream.close()

  const lease = { hold: () => Promise.resolve(true), release: () => Promise.resolve() }
  const relay = startRelay(connection, { log, now, lease })
  await relay.settled()
  await commit(4)
  await relay.settled()
  const { events: all } = await events.read(0, { limit: 10 })
  expect(all.map(({ position, data }) => [position, data['number']])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ])
  await relay.close()
  await eventLog.close()
})
