import { describe, expect, it, vi } from 'vitest'
import { logOf, placesOf } from '../../events/collections.ts'
import { cutLog, defaultRetention } from '../../events/cut-log.ts'
import { EventsGoneError } from '../../kit/events.ts'
import { type EventDatabase, event, openEventDatabase, take } from './event-database.ts'

const day = 24 * 60 * 60 * 1_000

/** Three events of eight days ago and two of now. */
async function openOldLog(): Promise<EventDatabase> {
  const database = await openEventDatabase()
  const relay = database.startRelay()
  for (const number of [1, 2, 3]) await database.commit(event('x', 'one', number))
  await relay.settled()
  database.advanceClock(8 * day)
  for (const number of [4, 5]) await database.commit(event('x', 'one', number))
  await relay.settled()
  await relay.close()
  return database
}

const cut = (database: EventDatabase): Promise<number> =>
  cutLog(database.connection, { now: database.now(), retention: defaultRetention })

// Many small transactions, each of them on disk before the next: slow where the disk is busy.
vi.setConfig({ testTimeout: 60_000 })

describe('retention', () => {
  it('removes what is older than seven days and tells readers who come too late that there is a gap', async () => {
    await using database = await openOldLog()
    expect(await cut(database)).toBe(3)
    expect(await cut(database)).toBe(0)
    expect(await logOf(database.connection).countDocuments()).toBe(2)
    for (const after of [0, 2]) {
      const read = database.events.read(after, { limit: 10 })
      await expect(read).rejects.toBeInstanceOf(EventsGoneError)
      await expect(read).rejects.toMatchObject({ oldest: 4 })
      await expect(database.events.follow(after, ['x'])).rejects.toBeInstanceOf(EventsGoneError)
      // Whatever types it asks for: nobody knows any more which they were.
      await expect(database.events.read(after, { limit: 10, types: ['y'] })).rejects.toBeInstanceOf(EventsGoneError)
    }
    expect((await database.events.read(3, { limit: 10 })).events.map(({ position }) => position)).toEqual([4, 5])
    expect(await take(await database.events.follow(3, ['x']), 2)).toHaveLength(2)
  })

  it('never removes an event before an older one, so that there are no holes', async () => {
    await using database = await openOldLog()
    // Recorded long before, and committed last.
    await logOf(database.connection).updateOne({ _id: 5 }, { $set: { time: new Date(0) } })
    await logOf(database.connection).updateOne({ _id: 2 }, { $set: { time: database.now() } })
    expect(await cut(database)).toBe(1)
    expect((await database.events.read(1, { limit: 10 })).events.map(({ position }) => position)).toEqual([2, 3, 4, 5])
  })

  it('counts from when an event was handed in, whatever time another team says that it has', async () => {
    await using database = await openEventDatabase()
    const relay = database.startRelay()
    await database.connection.transaction((session) =>
      database.events.record(session, [
        {
          id: 'evt_1',
          source: 'loyalty',
          type: 'loyalty.used',
          subject: 'loy_1',
          time: new Date(database.now().getTime() - 3 * day),
          audience: [],
          data: {},
          declaration: 'evtd_1',
        },
      ]),
    )
    await relay.settled()
    database.advanceClock(6 * day)
    expect(await cut(database)).toBe(0)
    expect(await database.readAll()).toEqual([expect.not.objectContaining({ handedInAt: expect.anything() })])
    database.advanceClock(2 * day)
    expect(await cut(database)).toBe(1)
  })

  it('goes on with the next position when all was removed', async () => {
    await using database = await openOldLog()
    database.advanceClock(8 * day)
    expect(await cut(database)).toBe(5)
    expect(await database.events.read(5, { limit: 10 })).toEqual({ events: [], upTo: 5 })
    await expect(database.events.read(4, { limit: 10 })).rejects.toBeInstanceOf(EventsGoneError)
    const relay = database.startRelay()
    await database.commit(event('x', 'one', 6))
    await relay.settled()
    expect((await database.events.read(5, { limit: 10 })).events.map(({ position }) => position)).toEqual([6])
  })

  it('keeps what a reaction has still to handle, for thirty days', async () => {
    await using database = await openOldLog()
    await placesOf(database.connection).insertOne({ _id: 'billing:deal-won', position: 1, parked: 0 })
    expect(await cut(database)).toBe(1)
    database.advanceClock(23 * day)
    expect(await cut(database)).toBe(2)
  })

  it('is cut once by several that cut at the same time', async () => {
    await using database = await openOldLog()
    const removed = await Promise.all([cut(database), cut(database), cut(database)])
    expect(removed.reduce((sum, count) => sum + count, 0)).toBe(3)
    expect((await database.events.read(3, { limit: 10 })).events.map(({ position }) => position)).toEqual([4, 5])
  })

  it('is done by the relay when it starts', async () => {
    await using database = await openOldLog()
    await database.startRelay().close()
    await expect(database.events.read(0, { limit: 10 })).rejects.toBeInstanceOf(EventsGoneError)
  })
})
