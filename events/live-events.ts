import type { Connection } from 'mongoose'
import type { DomainEvent } from '../kit/events.ts'
import type { Logger } from '../kit/log.ts'
import { type LogRow, logOf, readRelayState } from './collections.ts'
import { type InsertStream, watchInserts } from './insert-stream.ts'
import { backoffMs, pause } from './pause.ts'
import { readLog, toEvent } from './read-log.ts'

/** Attempts to open the stream again, a minute or two in all, before its listeners are told that it is over. */
const mostFailures = 12
const catchUpBatch = 500

export interface Listener {
  onEvent(event: DomainEvent): void
  /** No more events will come. */
  onEnd(error: Error): void
}

/** The log as it grows, read once for all listeners of a process. */
export interface LiveEvents {
  /** Resolves when what is committed from now on will be told. */
  open(): Promise<void>
  /** The last position that was told. */
  head(): number
  listen(listener: Listener): () => void
  close(): Promise<void>
}

/** One change stream on the log for all listeners. Positions have no holes, so that it knows what an outage hid. */
export function createLiveEvents(connection: Connection, log: Logger): LiveEvents {
  const listeners = new Set<Listener>()
  const closing = new AbortController()
  let stream: InsertStream<LogRow> | undefined
  let opening: Promise<void> | undefined
  let pumping: Promise<void> = Promise.resolve()
  let head = 0

  const tell = (event: DomainEvent): void => {
    head = event.position
    for (const listener of listeners) listener.onEvent(event)
  }
  const end = (error: Error): void => {
    opening = undefined
    for (const listener of listeners) listener.onEnd(error)
    listeners.clear()
  }

  async function openStream(): Promise<InsertStream<LogRow>> {
    const opened = watchInserts<LogRow>(logOf(connection))
    stream = opened
    await opened.opened
    return opened
  }

  async function begin(): Promise<void> {
    const opened = await openStream()
    try {
      head = (await readRelayState(connection)).position
    } catch (error) {
      await opened.close()
      throw error
    }
    pumping = pump(opened)
  }

  /** Tells what the log holds and was not told, up to a position. */
  async function catchUp(position: number): Promise<void> {
    for (let upTo = head; upTo < position; upTo = head) {
      for (const event of (await readLog(connection, upTo, { limit: catchUpBatch })).events) tell(event)
    }
  }

  async function pump(opened: InsertStream<LogRow>): Promise<void> {
    let source = opened
    for (let failures = 0; ;) {
      try {
        if (failures > 0) [source] = [await openStream()]
        if (failures > 0) await catchUp((await readRelayState(connection)).position)
        for (;;) {
          for (const row of await source.next(catchUpBatch)) {
            if (row._id > head + 1) await catchUp(row._id - 1)
            if (row._id > head) tell(toEvent(row))
          }
          failures = 0
        }
      } catch (error) {
        failures += 1
        await stream?.close()
        if (closing.signal.aborted) return
        if (failures > mostFailures) {
          log.error({ err: error }, 'the event stream ended; its readers are told to come back')
          return end(new Error('the event stream was interrupted', { cause: error }))
        }
        log.warn({ err: error, failures }, 'the event stream was interrupted; it is opened again')
        await pause(backoffMs(failures), closing.signal)
        if (closing.signal.aborted) return
      }
    }
  }

  return {
    async open() {
      opening ??= begin()
      try {
        await opening
      } catch (error) {
        opening = undefined
        throw error
      }
    },
    head: () => head,
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      closing.abort()
      await opening?.catch(() => undefined)
      end(new Error('the event log was closed'))
      await stream?.close()
      await pumping
    },
  }
}
