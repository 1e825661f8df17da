import type { ClientSession, Connection } from 'mongoose'
import { describe, expect, it, vi } from 'vitest'
import { placesOf } from '../../events/collections.ts'
import { openPlaces } from '../../events/places.ts'
import { openWorkingSession } from '../../events/working-session.ts'
import { cutLog } from '../../events/cut-log.ts'
import { listParkedEvents } from '../../events/parked-events.ts'
import { type Reactions, type ReactionsOptions, startReactions } from '../../events/reactions.ts'
import type { BoundReaction } from '../../events/run-reaction.ts'
import { createEventLog } from '../../events/event-log.ts'
import { createLease } from '../../jobs/lease.ts'
import type { DomainEvent } from '../../kit/events.ts'
import { type EventDatabase, event, hangInTransaction, log, openEventDatabase } from './event-database.ts'

interface Effect {
  readonly _id: string
  readonly number: unknown
  readonly subject: string
}

/** A reaction whose effect is one document per event; `fails` says which it cannot handle now. */
function recorder(
  database: EventDatabase,
  options: { fails?: (event: DomainEvent) => boolean; beginsAt?: 'oldest' | 'now'; connection?: Connection } = {},
): BoundReaction {
  return {
    name: 'test:recorder',
    types: ['x'],
    beginsAt: options.beginsAt,
    async handle(handled, session) {
      await record(options.connection ?? database.connection, handled, session)
      if (options.fails?.(handled)) throw new Error(`not now: ${handled.subject}`)
    },
  }
}

/** Not idempotent on purpose: a second time would be seen. */
async function record(connection: Connection, { data, subject }: DomainEvent, session: ClientSession): Promise<void> {
  await connection
    .collection<Effect>('effects')
    .insertOne({ _id: `${effects++}`.padStart(9, '0'), number: data['number'], subject }, { session })
}
let effects = 0

async function numbers(database: EventDatabase): Promise<unknown[]> {
  const found = await database.connection.collection<Effect>('effects').find().sort({ _id: 1 }).toArray()
  return found.map(({ number }) => number)
}

async function openWithEffects(): Promise<EventDatabase> {
  const database = await openEventDatabase()
  await database.connection.createCollection('effects')
  return database
}

function react(database: EventDatabase, reaction: BoundReaction, options: Partial<ReactionsOptions> = {}): Reactions {
  return startReactions(database.connection, {
    reactions: [reaction],
    live: database.eventLog.live,
    lease: createLease(database.connection, { name: 'reactions:test', seconds: 5, now: database.now }),
    log,
    now: database.now,
    retryDelaysMs: [0, 0],
    ...options,
  })
}

/** Commits events about a subject and gives them their positions; answers the last one. */
async function commitAll(database: EventDatabase, subjects: readonly string[]): Promise<number> {
  for (const [number, subject] of subjects.entries()) await database.commit(event('x', subject, number))
  await database.startRelay().settled()
  return (await database.events.read(0, { limit: 1_000 })).upTo
}

// Many small transactions, each of them on disk before the next: slow where the disk is busy.
vi.setConfig({ testTimeout: 60_000 })

describe('a reaction', () => {
  it('begins with the oldest event that is kept, handles each once and in order, and goes on after a restart', async () => {
    await using database = await openWithEffects()
    await commitAll(database, ['a', 'b', 'c'])
    const relay = database.startRelay()
    for (let restart = 0; restart < 3; restart++) {
      const reactions = react(database, recorder(database))
      await database.commit(event('x', 'd', 3 + restart), event('other', 'e'))
      await relay.settled()
      await reactions.reached((await database.readAll()).length)
      await reactions.close()
    }
    expect(await numbers(database)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('begins with what is new where it says so', async () => {
    await using database = await openWithEffects()
    await commitAll(database, ['a', 'b'])
    const reactions = react(database, recorder(database, { beginsAt: 'now' }))
    await reactions.reached(2)
    await database.commit(event('x', 'c', 2))
    await database.startRelay().settled()
    await reactions.reached(3)
    await reactions.close()
    expect(await numbers(database)).toEqual([2])
  })

  it('wakes by itself when an event comes', async () => {
    await using database = await openWithEffects()
    database.startRelay()
    const handled: (() => void)[] = []
    const done = new Promise<void>((resolve) => handled.push(resolve))
    const reaction = recorder(database)
    const reactions = react(database, {
      ...reaction,
      async handle(one, session) {
        await reaction.handle(one, session)
        handled[0]?.()
      },
    })
    await reactions.reached(0)
    await database.commit(event('x', 'a', 1))
    await done
    await reactions.close()
    expect(await numbers(database)).toEqual([1])
  })

  it('handles each event once when several processes run it, whoever has the lease', async () => {
    await using database = await openWithEffects()
    const relay = database.startRelay()
    const everyone = { hold: () => Promise.resolve(true), release: () => Promise.resolve() }
    const processes = await Promise.all(
      [everyone, everyone, undefined].map(async (lease) => {
        const connection = await database.connect()
        const eventLog = createEventLog(connection, { log, now: database.now })
        const reactions = startReactions(connection, {
          reactions: [recorder(database, { connection })],
          live: eventLog.live,
          lease: lease ?? createLease(connection, { name: 'reactions:test', seconds: 5, now: database.now }),
          log,
          now: database.now,
          graceMs: 1,
          retryDelaysMs: [0, 0],
        })
        return { reactions, eventLog }
      }),
    )
    for (let number = 0; number < 60; number++) await database.commit(event('x', `s${number % 7}`, number))
    await relay.settled()
    await Promise.all(processes.map(({ reactions }) => reactions.reached(60)))
    for (const { reactions, eventLog } of processes) {
      await reactions.close()
      await eventLog.close()
    }
    expect((await numbers(database)).toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 60 }, (_, number) => number),
    )
    expect(await listParkedEvents(database.connection, 10)).toEqual([])
  })

  it('is handled without the lease when who holds it does nothing', async () => {
    await using database = await openWithEffects()
    const last = await commitAll(database, ['a', 'b'])
    const never = { hold: () => Promise.resolve(false), release: () => Promise.resolve() }
    const reactions = react(database, recorder(database), { lease: never, graceMs: 1 })
    await reactions.reached(last)
    await reactions.close()
    expect(await numbers(database)).toEqual([0, 1])
  })

  it('does not wait for the transaction that a killed process has left open', async () => {
    await using database = await openWithEffects()
    const last = await commitAll(database, ['a'])
    const other = await database.connect()
    await openPlaces(database.connection, [{ name: 'test:recorder' }])
    const release = await hangInTransaction(openWorkingSession(other, 'test:recorder'), (session) =>
      placesOf(other).updateOne({ _id: 'test:recorder' }, { $set: { position: 1 } }, { session }),
    )
    const reactions = react(database, recorder(database))
    await reactions.reached(last)
    await reactions.close()
    expect(await numbers(database)).toEqual([0])
    await release()
  })

  it('parks an event that it cannot handle with the reason, and goes on with others', async () => {
    await using database = await openWithEffects()
    const last = await commitAll(database, ['good', 'bad', 'good', 'bad', 'other'])
    const reactions = react(database, recorder(database, { fails: ({ subject }) => subject === 'bad' }))
    await reactions.reached(last)
    await reactions.close()
    expect(await numbers(database)).toEqual([0, 2, 4])
    expect(await listParkedEvents(database.connection, 10)).toMatchObject([
      { reaction: 'test:recorder', position: 2, attempts: 1, reason: 'Error: not now: bad', event: { subject: 'bad' } },
      { position: 4, attempts: 0, due: null, reason: 'waits for an earlier event about bad' },
    ])
  })

  it('tries parked events again when they are due, those of one subject in order, until they are handled', async () => {
    await using database = await openWithEffects()
    await commitAll(database, ['bad', 'bad', 'good', 'bad'])
    let broken = true
    const reaction = recorder(database, { fails: ({ subject }) => broken && subject === 'bad' })
    const once = async (): Promise<void> => {
      const reactions = react(database, reaction)
      await reactions.reached(4)
      await reactions.close()
    }
    await once()
    expect(await numbers(database)).toEqual([2])
    // Not due yet.
    broken = false
    await once()
    expect(await numbers(database)).toEqual([2])

    broken = true
    database.advanceClock(61_000)
    await once()
    expect(await listParkedEvents(database.connection, 10)).toMatchObject([
      { attempts: 2 },
      { due: null },
      { due: null },
    ])

    broken = false
    database.advanceClock(5 * 60_000)
    await once()
    expect(await numbers(database)).toEqual([2, 0, 1, 3])
    expect(await listParkedEvents(database.connection, 10)).toEqual([])
    expect(await placesOf(database.connection).findOne({ _id: 'test:recorder' })).toMatchObject({
      position: 4,
      parked: 0,
    })
  })

  it('keeps a parked event although the log lets go of it', async () => {
    await using database = await openWithEffects()
    await commitAll(database, ['bad'])
    let broken = true
    const first = react(database, recorder(database, { fails: () => broken }))
    await first.reached(1)
    await first.close()
    database.advanceClock(8 * 24 * 60 * 60_000)
    expect(
      await cutLog(database.connection, { now: database.now(), retention: { keptMs: 1, keptForReactionsMs: 1 } }),
    ).toBe(1)
    broken = false
    const second = react(database, recorder(database))
    await second.reached(1)
    await second.close()
    expect(await numbers(database)).toEqual([0])
  })

  it('tries an event a few times before it parks it', async () => {
    await using database = await openWithEffects()
    await commitAll(database, ['a', 'b'])
    let attempts = 0
    const reactions = react(database, recorder(database, { fails: ({ subject }) => subject === 'a' && ++attempts < 3 }))
    await reactions.reached(2)
    await reactions.close()
    expect(await numbers(database)).toEqual([0, 1])
    expect(await listParkedEvents(database.connection, 10)).toEqual([])
  })

  it('goes on behind the gap when it was away for longer than events are kept', async () => {
    await using database = await openWithEffects()
    await commitAll(database, ['a', 'b', 'c'])
    await placesOf(database.connection).insertOne({ _id: 'test:recorder', position: 0, parked: 0 })
    database.advanceClock(31 * 24 * 60 * 60_000)
    expect(
      await cutLog(database.connection, { now: database.now(), retention: { keptMs: 1, keptForReactionsMs: 1 } }),
    ).toBe(3)
    await database.commit(event('x', 'd', 3))
    await database.startRelay().settled()
    const reactions = react(database, recorder(database))
    await reactions.reached(4)
    await reactions.close()
    expect(await numbers(database)).toEqual([3])
  })

  it('keeps its place behind events that do not concern it, so that a restart need not read them again', async () => {
    await using database = await openWithEffects()
    const relay = database.startRelay()
    await database.commit(...Array.from({ length: 1_200 }, () => event('other', 'a')))
    await relay.settled()
    const reactions = react(database, recorder(database))
    await reactions.reached(1_200)
    expect(await placesOf(database.connection).findOne({ _id: 'test:recorder' })).toMatchObject({ position: 1_200 })
    await database.commit(event('other', 'a'))
    await relay.settled()
    await reactions.reached(1_201)
    await reactions.close()
    expect(await placesOf(database.connection).findOne({ _id: 'test:recorder' })).toMatchObject({ position: 1_201 })
  })
})
