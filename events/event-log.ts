import type { Connection } from 'mongoose'
import type { EventLog, EventReader } from '../kit/events.ts'
import { createId } from '../kit/ids.ts'
import type { Logger } from '../kit/log.ts'
import { auditEvents } from '../storage/audit.ts'
import { outboxOf, readRelayState } from './collections.ts'
import { createEventTypeRegister } from './declared-types.ts'
import { followLog, followPageSize, listenTo } from './follow-log.ts'
import { recordHandedIn } from './hand-in.ts'
import { type LiveEvents, createLiveEvents } from './live-events.ts'
import { readLog } from './read-log.ts'

export { prepareEventLog } from './collections.ts'

/** The event log as one process has it. */
export interface ProcessEventLog {
  readonly reader: EventReader
  /** What reactions are woken by. */
  readonly live: LiveEvents
  /** The log as a subgraph has it, whose events bear its name. */
  forSource(source: string): EventLog
  close(): Promise<void>
}

/**
 * The event log on MongoDB. Events are inserted into an outbox in the transaction of their mutation; a relay (see
 * `relay.ts`) moves them into the log, where each has its position, in commit order. One change stream on the log
 * serves all subscribers of the process.
 */
export function createEventLog(
  connection: Connection,
  options: { readonly log: Logger; readonly now: () => Date },
): ProcessEventLog {
  const live = createLiveEvents(connection, options.log)
  const declared = createEventTypeRegister(connection)
  const reader: EventReader = {
    async subscribe(types) {
      await live.open()
      return listenTo(live, types)
    },
    read: (after, page) => readLog(connection, after, page),
    async bounds() {
      const { position, oldest } = await readRelayState(connection)
      return { oldest, newest: position }
    },
    async follow(after, types) {
      const kinds = 'types' in types ? types : { types }
      const read = (from: number) => readLog(connection, from, { limit: followPageSize, ...kinds })
      await live.open()
      return followLog(live, await read(after), { types, read })
    },
  }
  return {
    reader,
    live,
    forSource: (source) => ({
      ...reader,
      declared,
      record: (session, events) => recordHandedIn(connection, session, { events, at: options.now() }),
      async append(session, ...appended) {
        if (appended.length === 0) return
        const time = options.now()
        const rows = appended.map((event) => ({ _id: createId('Event'), source, time, ...event }))
        await outboxOf(connection).insertMany(rows, { session, ordered: true })
        await auditEvents(connection, session, { source, at: time, events: appended })
      },
    }),
    close: () => live.close(),
  }
}
