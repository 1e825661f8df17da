import { describe, expect, it, vi } from 'vitest'
import { SlowReaderError, UnknownPositionError } from '../../kit/events.ts'
import { event, openEventDatabase, openTransaction, take } from './event-database.ts'

// Many small transactions, each of them on disk before the next: slow where the disk is busy.
vi.setConfig({ testTimeout: 60_000 })

describe('the event log', () => {
  it('gives committed events their positions, from 1 on, with what was recorded', async () => {
    await using database = await openEventDatabase()
    const relay = database.startRelay()
    const before = Date.now()
    await database.commit({ type: 'deal.won', subject: 'deal_1', audience: ['org_1'], data: { value: 5, tags: ['a'] } })
    await database.commit(event('deal.lost', 'deal_2'), event('deal.lost', 'deal_3'))
    await relay.settled()
    const { events, upTo } = await database.events.read(0, { limit: 10 })
    expect(events.map(({ position, subject }) => [position, subject])).toEqual([
      [1, 'deal_1'],
      [2, 'deal_2'],
      [3, 'deal_3'],
    ])
    expect(upTo).toBe(3)
    expect(events[0]).toEqual({
      id: expect.stringMatching(/^evt_/),
      position: 1,
      source: 'test',
      type: 'deal.won',
      subject: 'deal_1',
      time: expect.any(Date),
      audience: ['org_1'],
      data: { value: 5, tags: ['a'] },
    })
    expect(events[0]?.time.getTime()).toBeGreaterThanOrEqual(before)
    expect(new Set(events.map(({ id }) => id)).size).toBe(3)
  })

  it('still delivers a slow transaction that began first and commits last, behind what was seen before', async () => {
    await using database = await openEventDatabase()
    const relay = database.startRelay()
    const live = await database.events.subscribe(['deal.won'])
    const slow = await openTransaction(database.connection)
    await database.events.append(slow.session, event('deal.won', 'slow'))
    await database.commit(event('deal.won', 'fast'))
    const [seen] = await take(live, 1)
    expect(seen).toMatchObject({ subject: 'fast', position: 1 })
    // Someone who polls has seen all there is, and comes back later with that position.
    await relay.settled()
    const polled = await database.events.read(0, { limit: 10 })
    expect(polled.events.map(({ subject }) => subject)).toEqual(['fast'])
    const following = await database.events.follow(polled.upTo, ['deal.won'])

    await slow.commit()
    const late = { subject: 'slow', position: 2 }
    expect(await take(live, 1)).toEqual([expect.objectContaining(late)])
    expect(await take(following, 1)).toEqual([expect.objectContaining(late)])
    expect((await database.events.read(polled.upTo, { limit: 10 })).events).toEqual([expect.objectContaining(late)])
  })

  it('knows nothing of a transaction that was aborted', async () => {
    await using database = await openEventDatabase()
    const relay = database.startRelay()
    const aborted = await openTransaction(database.connection)
    await database.events.append(aborted.session, event('deal.won', 'never'))
    await aborted.abort()
    await database.commit(event('deal.won', 'committed'))
    await relay.settled()
    expect((await database.readAll()).map(({ position, subject }) => [position, subject])).toEqual([[1, 'committed']])
  })

  it('reads pages of some types, each of which tells where the next one begins', async () => {
    await using database = await openEventDatabase()
    const relay = database.startRelay()
    for (let number = 1; number <= 20; number++) {
      await database.commit(event(number % 5 === 0 ? 'rare' : 'common', 'x', number))
    }
    await relay.settled()
    const first = await database.events.read(0, { limit: 3, types: ['rare'] })
    expect(first.events.map(({ position }) => position)).toEqual([5, 10, 15])
    expect(first.upTo).toBe(15)
    const rest = await database.events.read(first.upTo, { limit: 3, types: ['rare', 'unknown'] })
    expect(rest.events.map(({ position }) => position)).toEqual([20])
    expect(await database.events.read(20, { limit: 3, types: ['common'] })).toEqual({ events: [], upTo: 20 })
    expect(await database.events.read(16, { limit: 100, types: ['none'] })).toEqual({ events: [], upTo: 20 })
  })

  it('refuses a position that it has not given', async () => {
    await using database = await openEventDatabase()
    const relay = database.startRelay()
    await database.commit(event('deal.won', 'x'))
    await relay.settled()
    await expect(database.events.read(2, { limit: 1 })).rejects.toBeInstanceOf(UnknownPositionError)
    await expect(database.events.follow(2, ['deal.won'])).rejects.toBeInstanceOf(UnknownPositionError)
  })

  it('closes a reader that falls 1,000 events behind, and lets others go on', async () => {
    await using database = await openEventDatabase()
    database.startRelay()
    const slow = await database.events.subscribe(['stock'])
    const fast = await database.events.subscribe(['stock'])
    const fastTakes = take(fast, 1_200)
    for (let batch = 0; batch < 12; batch++) {
      await database.commit(...Array.from({ length: 100 }, (_, number) => event('stock', 'x', batch * 100 + number)))
    }
    expect((await fastTakes).map(({ data }) => data['number'])).toEqual(Array.from({ length: 1_200 }, (_, n) => n))
    await expect(take(slow, 1_200)).rejects.toBeInstanceOf(SlowReaderError)
  })

  it('ends a feed at once when its reader leaves while it waits', async () => {
    await using database = await openEventDatabase()
    for (const open of [() => database.events.subscribe(['deal.won']), () => database.events.follow(0, ['deal.won'])]) {
      const feed = await open()
      const waiting = feed.next()
      await feed.return?.()
      expect(await waiting).toEqual({ done: true, value: undefined })
    }
  })

  it('tells readers that it was closed', async () => {
    await using database = await openEventDatabase()
    const feed = await database.events.subscribe(['deal.won'])
    const following = await database.events.follow(0, ['deal.won'])
    await database.eventLog.close()
    await expect(feed.next()).rejects.toThrow('the event log was closed')
    await expect(following.next()).rejects.toThrow('the event log was closed')
  })
})
