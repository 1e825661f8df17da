import type { ClientSession, Connection } from 'mongoose'
import { readRelayState } from '../../events/collections.ts'
import { type ProcessEventLog, createEventLog, prepareEventLog } from '../../events/event-log.ts'
import { type Relay, type RelayOptions, startRelay } from '../../events/relay.ts'
import type { WorkingSession } from '../../events/working-session.ts'
import { createLease } from '../../jobs/lease.ts'
import type { DomainEvent, EventFeed, EventLog, NewEvent } from '../../kit/events.ts'
import { createLogger } from '../../kit/log.ts'
import { openTestDatabase } from '../storage/test-database.ts'

export const log = createLogger('test', 'silent')

/** The event log on a database of its own, without any relay yet. */
export interface EventDatabase extends AsyncDisposable {
  readonly connection: Connection
  readonly eventLog: ProcessEventLog
  readonly events: EventLog
  readonly uri: string
  /** Another connection, as another process has it. */
  connect(): Promise<Connection>
  /** Moves the clock that everything here goes by. */
  advanceClock(milliseconds: number): void
  readonly now: () => Date
  /** Starts a relay as a process does; it ends with the database. */
  startRelay(options?: Partial<RelayOptions> & { connection?: Connection }): Relay
  /** Commits events in a transaction of their own. */
  commit(...appended: readonly NewEvent[]): Promise<void>
  /** The whole log. */
  readAll(): Promise<readonly DomainEvent[]>
}

export async function openEventDatabase(): Promise<EventDatabase> {
  const database = await openTestDatabase()
  const connection = await database.connect()
  let ahead = 0
  const now = (): Date => new Date(Date.now() + ahead)
  await prepareEventLog(connection)
  const eventLog = createEventLog(connection, { log, now })
  const events = eventLog.forSource('test')
  const relays: Relay[] = []
  return {
    connection,
    eventLog,
    events,
    uri: database.uri,
    connect: () => database.connect(),
    advanceClock: (milliseconds) => {
      ahead += milliseconds
    },
    now,
    startRelay({ connection: over = connection, ...options } = {}) {
      const lease = createLease(over, { name: 'event-relay', seconds: 5, now })
      const relay = startRelay(over, { log, now, lease, ...options })
      relays.push(relay)
      return relay
    },
    async commit(...appended) {
      await connection.transaction((session) => events.append(session, ...appended))
    },
    async readAll() {
      const { position } = await readRelayState(connection)
      return (await events.read(0, { limit: position + 1 })).events
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(relays.map((relay) => relay.close()))
      await eventLog.close()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** An event of a type about a subject, numbered so that tests can tell them apart. */
export function event(type: string, subject: string, number = 0): NewEvent {
  return { type, subject, audience: [], data: { number } }
}

/** The next events of a feed. */
export async function take(feed: EventFeed, count: number): Promise<DomainEvent[]> {
  const taken: DomainEvent[] = []
  while (taken.length < count) {
    const { value, done } = await feed.next()
    if (done) throw new Error(`the feed ended after ${taken.length} events`)
    taken.push(value)
  }
  return taken
}

/** Leaves a transaction open, as a killed process does; what is returned lets it find out that it was ended. */
export async function hangInTransaction(
  work: WorkingSession,
  write: (session: ClientSession) => Promise<unknown>,
): Promise<() => Promise<void>> {
  const [begun, begin] = signal()
  const [released, release] = signal()
  let attempts = 0
  const hanging = work.run(async (session) => {
    attempts += 1
    // Ended by another, it is tried again, and has nothing to do any more.
    if (attempts > 1) return
    await write(session)
    begin()
    await released
  })
  await begun
  return async () => {
    release()
    await hanging
    if (attempts !== 2) throw new Error('the transaction was not ended by another')
  }
}

function signal(): [Promise<void>, () => void] {
  const settles: (() => void)[] = []
  const settled = new Promise<void>((resolve) => settles.push(resolve))
  return [settled, () => settles[0]?.()]
}

/** A transaction that a test holds open. */
export async function openTransaction(connection: Connection): Promise<{
  readonly session: ClientSession
  readonly commit: () => Promise<void>
  readonly abort: () => Promise<void>
}> {
  const session = await connection.startSession()
  session.startTransaction()
  return {
    session,
    async commit() {
      await session.commitTransaction()
      await session.endSession()
    },
    async abort() {
      await session.abortTransaction()
      await session.endSession()
    },
  }
}
