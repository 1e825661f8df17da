import { type Connection, mongo } from 'mongoose'
import type { Logger } from '../kit/log.ts'
import { type OutboxRow, outboxOf, readRelayState, relayStateOf } from './collections.ts'
import { type Retention, cutLog, defaultRetention } from './cut-log.ts'
import { type InsertStream, watchInserts } from './insert-stream.ts'
import { moveToLog, stillWaiting } from './move-to-log.ts'
import { backoffMs, pause } from './pause.ts'
import { sweepOutbox } from './sweep-outbox.ts'
import { openWorkingSession } from './working-session.ts'

const mostRows = 500
/** How long the holder of the lease may take before others do its work. */
const defaultGraceMs = 500
const tendEveryMs = 10 * 60 * 1_000

/** ChangeStreamHistoryLost and ChangeStreamFatalError, however far the stream had come. */
const lostCodes: ReadonlySet<unknown> = new Set([286, 280])
/** Refusals of a server that will open the stream later: without rights, not the primary now, shutting down. */
const passingCodes: ReadonlySet<unknown> = new Set([
  6, 7, 13, 18, 50, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
])

export interface Relay {
  /** Resolves when every event that is committed now has its position. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** The right to work, which saves that several do the same; `jobs/lease.ts` has one. */
export interface WorkLease {
  hold(): Promise<boolean>
  release(): Promise<void>
}

export interface RelayOptions {
  readonly log: Logger
  readonly now: () => Date
  readonly lease: WorkLease
  readonly graceMs?: number
  readonly retention?: Retention
}

/**
 * Gives events their positions, in the order in which they were committed: it follows the outbox by a change stream and
 * moves what comes into the log. Every process may run one. Each reads the outbox in the same order and goes on only
 * when a batch is in the log, whoever has moved it, so that even two that work at once keep that order.
 */
export function startRelay(connection: Connection, options: RelayOptions): Relay {
  const { log, now, lease, graceMs = defaultGraceMs, retention = defaultRetention } = options
  const closing = new AbortController()
  const work = openWorkingSession(connection, 'relay')
  let stream: InsertStream<OutboxRow> | undefined
  let idle = false
  let leading = false
  /** The last position given, as far as this relay knows: another may have given more. */
  let position: number | undefined
  let waiters: (() => void)[] = []

  const wakeWaiters = (): void => {
    for (const wake of waiters.splice(0)) wake()
  }

  async function run(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted;) {
      try {
        await follow(() => {
          failures = 0
        })
      } catch (error) {
        if (closing.signal.aborted) return
        failures += 1
        log.error({ err: error, failures }, 'the relay of the event log failed; it begins again')
        await pause(backoffMs(failures), closing.signal)
      }
    }
  }

  async function follow(onSuccess: () => void): Promise<void> {
    const { token } = await readRelayState(connection)
    if (token === null) return startOver('there is no resume token')
    const source = watchInserts<OutboxRow>(outboxOf(connection), token)
    stream = source
    // Closed while it was being opened.
    if (closing.signal.aborted) return source.close()
    let opened = false
    source.opened.then(
      () => (opened = true),
      () => undefined,
    )
    try {
      for (;;) {
        await place(await nextBatch(source), source.token())
        onSuccess()
        wakeWaiters()
      }
    } catch (error) {
      if (!closing.signal.aborted && isLost(error, opened)) return await startOver(error)
      throw error
    } finally {
      await source.close()
    }
  }

  async function startOver(reason: unknown): Promise<void> {
    log.warn({ err: reason }, 'the outbox cannot be followed from where it was left; it is swept')
    await sweepOutbox(connection, work.run)
    wakeWaiters()
  }

  async function nextBatch(source: InsertStream<OutboxRow>): Promise<OutboxRow[]> {
    idle = true
    const rows = await source.next(mostRows)
    idle = false
    return rows
  }

  /** Sees to it that the rows are in the log; the holder of the lease at once, others when it does not. */
  async function place(rows: readonly OutboxRow[], token: unknown): Promise<void> {
    if (!leading) {
      if (!(await isWaiting(rows))) return
      leading = await lease.hold()
      if (!leading) {
        await pause(graceMs, closing.signal)
        if (closing.signal.aborted || !(await isWaiting(rows))) return
      }
    }
    // Prolonged at the same time: positions are safe without it.
    const held = leading ? lease.hold().catch(() => false) : false
    position ??= (await readRelayState(connection)).position
    position = await moveToLog(connection, { rows, position, token, inTransaction: work.run })
    leading = await held
    if (!leading) work.yielded()
  }

  const isWaiting = async (rows: readonly OutboxRow[]): Promise<boolean> =>
    (await stillWaiting(connection, rows)).size > 0

  /** Keeps the token young, so that a quiet outbox does not outlive it, and cuts the log. */
  async function tend(): Promise<void> {
    try {
      const token = idle ? stream?.token() : undefined
      if (token !== undefined) await relayStateOf(connection).updateOne({ _id: 'relay' }, { $set: { token } })
      if (leading || (await lease.hold())) await cutLog(connection, { now: now(), retention })
    } catch (error) {
      if (!closing.signal.aborted) log.error({ err: error }, 'the event log could not be cut; it is tried again')
    }
  }

  const running = run()
  let tending = tend()
  const timer = setInterval(() => {
    tending = tend()
  }, tendEveryMs).unref()

  return {
    async settled() {
      for (;;) {
        const progress = new Promise<void>((resolve) => waiters.push(resolve))
        if ((await outboxOf(connection).findOne({}, { projection: { _id: 1 } })) === null) return
        await progress
      }
    },
    async close() {
      clearInterval(timer)
      closing.abort()
      await stream?.close()
      await Promise.all([running, tending])
      wakeWaiters()
      // A database that is gone keeps the lease until it ends; nothing is lost by that.
      await Promise.all([work.close(), lease.release()]).catch((error: unknown) =>
        log.warn({ err: error }, 'the lease of the relay stays'),
      )
    },
  }
}

/** Whether it would fail again from the same token; the driver's runtime error is that of a stream that has ended. */
function isLost(error: unknown, opened: boolean): boolean {
  if (error instanceof mongo.MongoServerError) {
    // MongoDB has many codes for a token that it cannot read.
    return lostCodes.has(error.code) || (!opened && !passingCodes.has(error.code))
  }
  return error instanceof mongo.MongoRuntimeError
}
