import { type ClientSession, type Connection, mongo } from 'mongoose'

interface SessionRecord {
  readonly _id: string
  readonly session: mongo.Binary
}

/** The transactions of work that one process at a time does. */
export interface WorkingSession {
  readonly run: <Result>(work: (session: ClientSession) => Promise<Result>) => Promise<Result>
  /** Another process may have worked meanwhile. */
  yielded(): void
  close(): Promise<void>
}

/**
 * A session whose id is written down. A process that is killed leaves its transaction open, and the database keeps what
 * it has written locked for a minute: whoever goes on with the work ends the session of the one before. Should that one
 * be alive after all, its transaction begins anew and finds the work done.
 */
export function openWorkingSession(connection: Connection, name: string): WorkingSession {
  const records = connection.collection<SessionRecord>('event_sessions')
  let opened: ClientSession | undefined
  let claimed = false

  async function claim(session: ClientSession): Promise<void> {
    const id = session.id?.id
    if (id === undefined) return
    const before = await records.findOneAndUpdate({ _id: name }, { $set: { session: id } }, { upsert: true })
    if (before && !before.session.buffer.every((byte, place) => byte === id.buffer[place])) {
      await endSession(connection, before.session)
    }
    claimed = true
  }

  return {
    async run(work) {
      opened ??= await connection.startSession()
      const session = opened
      if (!claimed) await claim(session)
      return session.withTransaction(() => work(session))
    },
    yielded() {
      claimed = false
    },
    async close() {
      if (opened === undefined) return
      // Otherwise it would be ended when the driver has long given it to others.
      if (opened.id) await records.deleteOne({ _id: name, session: opened.id.id })
      await opened.endSession()
    },
  }
}

async function endSession(connection: Connection, id: mongo.Binary): Promise<void> {
  const admin = connection.getClient().db('admin')
  const [commandNotFound, unauthorized] = [59, 13]
  try {
    await admin.command({ killSessions: [{ id }] })
  } catch (error) {
    if (!(error instanceof mongo.MongoServerError)) throw error
    // The embedded database has one command for both.
    if (error.code === commandNotFound) await admin.command({ endSessions: [{ id }] })
    // Without the right to do so, the minute passes.
    else if (error.code !== unauthorized) throw error
  }
}
