import type { Connection, mongo } from 'mongoose'
import { createQueue } from '../kit/event-queue.ts'
import type { DomainEvent, EventLog } from '../kit/events.ts'
import { createId } from '../kit/ids.ts'
import type { Logger } from '../kit/log.ts'

/** Events that one subscriber may have waiting before it is closed as too slow. */
const queueLimit = 1_000
const collectionName = 'events'
const keptSeconds = 7 * 24 * 60 * 60

type StoredEvent = Omit<DomainEvent, 'id'> & { readonly _id: string }

type EventStream = mongo.ChangeStream<StoredEvent, mongo.ChangeStreamInsertDocument<StoredEvent>>

interface Subscriber {
  readonly types: ReadonlySet<string>
  readonly queue: ReturnType<typeof createQueue<DomainEvent>>
}

/** Creates the log's collection and indexes; events are kept for seven days. */
export async function prepareEventLog(connection: Connection): Promise<void> {
  await connection.createCollection(collectionName)
  await connection.collection(collectionName).createIndex({ time: 1 }, { expireAfterSeconds: keptSeconds })
}

/**
 * The event log on one MongoDB collection. Events are inserted in the transaction of their mutation and come back
 * through a change stream, which gives them in commit order to every process; one stream serves all subscribers.
 */
export function createEventLog(
  connection: Connection,
  options: { readonly log: Logger; readonly now: () => Date },
): { forSource(source: string): EventLog; close(): Promise<void> } {
  const events = connection.collection<StoredEvent>(collectionName)
  const subscribers = new Set<Subscriber>()
  let opening: Promise<EventStream> | undefined

  const deliver = (stored: StoredEvent): void => {
    const { _id, ...rest } = stored
    const event: DomainEvent = { id: _id, ...rest }
    for (const subscriber of subscribers) if (subscriber.types.has(event.type)) subscriber.queue.push(event)
  }

  async function open(): Promise<EventStream> {
    const stream: EventStream = events.watch([{ $match: { operationType: 'insert' } }])
    // `tryNext` returns once the server has opened the stream: what is committed after that will be seen.
    const first = await stream.tryNext()
    if (first) deliver(first.fullDocument)
    void pump(stream)
    return stream
  }

  async function pump(stream: EventStream): Promise<void> {
    try {
      for (;;) deliver((await stream.next()).fullDocument)
    } catch (error) {
      opening = undefined
      if (!stream.closed) await stream.close()
      if (subscribers.size === 0) return
      options.log.error({ err: error }, 'the event stream ended; its readers are told to come back')
      const cause = new Error('the event stream was interrupted', { cause: error })
      for (const { queue } of subscribers) queue.fail(cause)
    }
  }

  return {
    forSource: (source) => ({
      async append(session, ...appended) {
        const time = options.now()
        const stored = appended.map((event) => ({ _id: createId('Event'), source, time, ...event }))
        await events.insertMany(stored, { session, ordered: true })
      },
      async subscribe(types) {
        const queue = createQueue<DomainEvent>({ limit: queueLimit, onEnd: () => subscribers.delete(subscriber) })
        const subscriber: Subscriber = { types: new Set(types), queue }
        subscribers.add(subscriber)
        opening ??= open()
        try {
          await opening
        } catch (error) {
          opening = undefined
          subscribers.delete(subscriber)
          throw error
        }
        return queue.iterator
      },
    }),
    async close() {
      const stream = await opening?.catch(() => undefined)
      for (const { queue } of subscribers) queue.fail(new Error('the event log was closed'))
      await stream?.close()
    },
  }
}
