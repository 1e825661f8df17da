import { describe, expect, it, vi } from 'vitest'
import { outboxOf, readRelayState, relayStateOf } from '../../events/collections.ts'
import { type InTransaction, moveToLog } from '../../events/move-to-log.ts'
import { openWorkingSession } from '../../events/working-session.ts'
import type { EventDatabase } from './event-database.ts'
import { event, hangInTransaction, openEventDatabase, take } from './event-database.ts'

/** The numbers of the log's events, which must be at 1, 2, 3… */
async function numbersOf(database: EventDatabase): Promise<unknown[]> {
  const events = await database.readAll()
  expect(events.map(({ position }) => position)).toEqual(events.map((_, place) => place + 1))
  return events.map(({ data }) => data['number'])
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number)

// Many small transactions, each of them on disk before the next: slow where the disk is busy.
vi.setConfig({ testTimeout: 60_000 })

describe('the relay', () => {
  it('drains in commit order what was committed while no relay ran', async () => {
    await using database = await openEventDatabase()
    for (const number of upTo(30)) await database.commit(event('x', 'one', number))
    await database.startRelay().settled()
    expect(await numbersOf(database)).toEqual(upTo(30))
    expect(await outboxOf(database.connection).countDocuments()).toBe(0)
  })

  it('goes on after a restart with the next position', async () => {
    await using database = await openEventDatabase()
    for (const number of upTo(5)) {
      const relay = database.startRelay()
      await database.commit(event('x', 'one', number))
      await relay.settled()
      await relay.close()
    }
    expect(await numbersOf(database)).toEqual(upTo(5))
  })

  it('moves hundreds of events in one transaction', async () => {
    await using database = await openEventDatabase()
    for (let batch = 0; batch < 6; batch++) {
      await database.commit(...upTo(500).map((number) => event('x', 'one', batch * 500 + number)))
    }
    let transactions = 0
    const watched = await database.connect()
    await using changes = relayStateOf(database.connection).watch()
    changes.on('change', () => transactions++)
    const relay = database.startRelay({ connection: watched })
    await relay.settled()
    expect(await numbersOf(database)).toEqual(upTo(3_000))
    expect(transactions).toBeLessThan(20)
  })

  it('is done by two at once, each event once and in order, with or without the lease', async () => {
    await using database = await openEventDatabase()
    const everyone = { hold: () => Promise.resolve(true), release: () => Promise.resolve() }
    const relays = [
      database.startRelay({ connection: await database.connect(), lease: everyone }),
      database.startRelay({ connection: await database.connect(), lease: everyone }),
      database.startRelay({ connection: await database.connect() }),
    ]
    const live = await database.events.subscribe(['x'])
    const seen = take(live, 120)
    for (const number of upTo(120)) await database.commit(event('x', 'one', number))
    await Promise.all(relays.map((relay) => relay.settled()))
    expect(await numbersOf(database)).toEqual(upTo(120))
    expect((await seen).map(({ data }) => data['number'])).toEqual(upTo(120))
  })

  it('is taken over when who holds the lease does nothing', async () => {
    await using database = await openEventDatabase()
    const never = { hold: () => Promise.resolve(false), release: () => Promise.resolve() }
    const relay = database.startRelay({ lease: never, graceMs: 1 })
    await database.commit(event('x', 'one', 0), event('x', 'one', 1))
    await relay.settled()
    expect(await numbersOf(database)).toEqual([0, 1])
  })

  it('moves nothing twice when rows are moved again that have a position', async () => {
    await using database = await openEventDatabase()
    await database.commit(event('x', 'one', 0), event('x', 'one', 1), event('x', 'one', 2))
    const rows = await outboxOf(database.connection).find().sort({ _id: 1 }).toArray()
    const [first] = rows
    if (!first) throw new Error('there is no row')
    const inTransaction: InTransaction = (work) => database.connection.transaction(work)
    expect(await moveToLog(database.connection, { rows: [first], position: 0, inTransaction })).toBe(1)
    // As a relay would that has read the state before.
    expect(await moveToLog(database.connection, { rows, position: 0, inTransaction })).toBe(3)
    expect(await moveToLog(database.connection, { rows, position: 0, inTransaction })).toBe(3)
    expect(await numbersOf(database)).toEqual([0, 1, 2])
  })

  it.each([
    ['comes from another database', '8263A1B2C3000000012B0429296E1404'],
    ['makes no sense', 'damaged'],
    ['is not known', null],
  ])('sweeps the outbox when its resume token %s, and follows it again', async (_why, data) => {
    await using database = await openEventDatabase()
    const token = data === null ? null : { _data: data }
    await relayStateOf(database.connection).updateOne({ _id: 'relay' }, { $set: { token } })
    for (let batch = 0; batch < 70; batch++) {
      await database.commit(...upTo(10).map((number) => event('x', 'one', batch * 10 + number)))
    }
    const relay = database.startRelay()
    await relay.settled()
    expect(await numbersOf(database)).toEqual(upTo(700))
    await database.commit(event('x', 'one', 700))
    await relay.settled()
    expect(await numbersOf(database)).toEqual(upTo(701))
    expect((await readRelayState(database.connection)).token).not.toEqual(token)
  })

  it('does not wait for the transaction that a relay has left open when it was killed', async () => {
    await using database = await openEventDatabase()
    const other = await database.connect()
    const release = await hangInTransaction(openWorkingSession(other, 'relay'), (session) =>
      relayStateOf(other).updateOne({ _id: 'relay' }, { $set: { token: null } }, { session }),
    )
    await database.commit(event('x', 'one', 0))
    // The database itself would end that transaction after a minute only.
    await database.startRelay().settled()
    expect(await numbersOf(database)).toEqual([0])
    await release()
  })

  it('goes on when its change stream breaks', async () => {
    await using database = await openEventDatabase()
    const relay = database.startRelay()
    const live = await database.events.subscribe(['x'])
    await database.commit(event('x', 'one', 0))
    await relay.settled()
    // Dropped collections end their change streams.
    await outboxOf(database.connection).drop()
    await database.connection.createCollection('event_outbox')
    await database.commit(event('x', 'one', 1))
    await relay.settled()
    expect(await numbersOf(database)).toEqual([0, 1])
    expect((await take(live, 2)).map(({ data }) => data['number'])).toEqual([0, 1])
  })
})
