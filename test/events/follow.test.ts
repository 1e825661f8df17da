import { describe, expect, it, vi } from 'vitest'
import { createEventLog, prepareEventLog } from '../../events/event-log.ts'
import { startRelay } from '../../events/relay.ts'
import { startServer } from '../storage/embedded-server.ts'
import { event, log, openEventDatabase, take } from './event-database.ts'

const numbersFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, n) => first + n)

const now = (): Date => new Date()
const starts = [0, 1, 700, 1_299, 1_300]

// Many small transactions, each of them on disk before the next: slow where the disk is busy.
vi.setConfig({ testTimeout: 60_000 })

describe('following the log', () => {
  it('replays a long past and goes live with no gap and no duplicate while more is committed', async () => {
    await using database = await openEventDatabase()
    const relay = database.startRelay()
    const past = numbersFrom(1, 1_300)
    for (let at = 0; at < past.length; at += 100) {
      await database.commit(...past.slice(at, at + 100).map((number) => event('x', 'one', number)))
    }
    await relay.settled()
    const readers = await Promise.all(starts.map((after) => database.events.follow(after, ['x'])))
    const writing = (async () => {
      for (const number of numbersFrom(1_301, 200)) await database.commit(event('x', 'one', number))
    })()
    const seen = await Promise.all(readers.map((feed, place) => take(feed, 1_500 - (starts[place] ?? 0))))
    await writing
    for (const [place, after] of starts.entries()) {
      expect(seen[place]?.map(({ position }) => position)).toEqual(numbersFrom(after + 1, 1_500 - after))
      expect(seen[place]?.map(({ data }) => data['number'])).toEqual(numbersFrom(after + 1, 1_500 - after))
    }
  })

  it('gives the types that were asked for only, in the past and live', async () => {
    await using database = await openEventDatabase()
    const relay = database.startRelay()
    await database.commit(event('a', 'one', 1), event('b', 'one', 2), event('c', 'one', 3))
    await relay.settled()
    const feed = await database.events.follow(0, ['a', 'c'])
    await database.commit(event('b', 'one', 4), event('c', 'one', 5), event('a', 'one', 6))
    expect((await take(feed, 4)).map(({ data }) => data['number'])).toEqual([1, 3, 5, 6])
  })

  it('goes on with no gap after the database was gone for a while', async () => {
    await using server = await startServer()
    const connection = await server.connect()
    await prepareEventLog(connection)
    const eventLog = createEventLog(connection, { log, now })
    const events = eventLog.forSource('test')
    const lease = { hold: () => Promise.resolve(true), release: () => Promise.resolve() }
    const relay = startRelay(connection, { log, now, lease })
    const commit = async (number: number): Promise<void> => {
      await connection.transaction((session) => events.append(session, event('x', 'one', number)))
    }
    const live = await events.subscribe(['x'])
    const following = await events.follow(0, ['x'])
    await commit(1)
    expect((await take(live, 1)).map(({ data }) => data['number'])).toEqual([1])
    await server.kill()
    await server.start()
    for (const number of [2, 3, 4]) await commit(number)
    expect((await take(live, 3)).map(({ data }) => data['number'])).toEqual([2, 3, 4])
    expect((await take(following, 4)).map(({ data }) => data['number'])).toEqual([1, 2, 3, 4])
    await relay.close()
    await eventLog.close()
  })
})
