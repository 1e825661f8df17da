import * as fc from 'fast-check'
import type { ClientSession } from 'mongoose'
import { describe, expect, it } from 'vitest'
import { readRelayState } from '../../events/collections.ts'
import { createEventLog } from '../../events/event-log.ts'
import type { Relay } from '../../events/relay.ts'
import type { EventFeed } from '../../kit/events.ts'
import { type EventDatabase, event, log, openEventDatabase, openTransaction, take } from './event-database.ts'

const slots = 3
const relays = 2

/** What may happen next; a step that has no meaning at its moment is left out. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('append' as const), slot: fc.nat(slots - 1) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('commit' as const), slot: fc.nat(slots - 1) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('abort' as const), slot: fc.nat(slots - 1) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('relay' as const), slot: fc.nat(relays - 1) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('follow' as const), slot: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('settle' as const), slot: fc.nat(relays - 1) }) },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

interface OpenTransaction {
  readonly session: ClientSession
  readonly numbers: number[]
  readonly commit: () => Promise<void>
  readonly abort: () => Promise<void>
}

/** Takes the steps one after the other, so that the order of the commits is known, and checks the log against it. */
async function play(database: EventDatabase, steps: readonly Step[]): Promise<void> {
  const { position: base } = await readRelayState(database.connection)
  const everyone = { hold: () => Promise.resolve(true), release: () => Promise.resolve() }
  const open = new Map<number, OpenTransaction>()
  const running = new Map<number, Relay>()
  const followers: { after: number; feed: EventFeed }[] = []
  const committed: number[] = []
  let number = 0

  const begin = async (): Promise<OpenTransaction> => ({
    ...(await openTransaction(database.connection)),
    numbers: [],
  })
  for (const { does, slot } of steps) {
    const transaction = open.get(slot)
    const relay = running.get(slot)
    if (does === 'append') {
      const into = transaction ?? (await begin())
      open.set(slot, into)
      into.numbers.push(++number)
      await database.events.append(into.session, event('x', `subject ${slot}`, number))
    } else if (does === 'commit' && transaction) {
      await transaction.commit()
      committed.push(...transaction.numbers)
      open.delete(slot)
    } else if (does === 'abort' && transaction) {
      await transaction.abort()
      open.delete(slot)
    } else if (does === 'relay' && relay) {
      await relay.close()
      running.delete(slot)
    } else if (does === 'relay') running.set(slot, database.startRelay({ lease: everyone }))
    else if (does === 'settle') await relay?.settled()
    else if (does === 'follow') {
      const { position } = await readRelayState(database.connection)
      const after = Math.max(base, position - slot)
      followers.push({ after, feed: await database.events.follow(after, ['x']) })
    }
  }
  for (const { abort } of open.values()) await abort()
  const last = database.startRelay({ lease: everyone })
  await last.settled()
  await Promise.all([...running.values(), last].map((relay) => relay.close()))

  const { events } = await database.events.read(base, { limit: number + 1 })
  expect(events.map(({ data }) => data['number'])).toEqual(committed)
  expect(events.map(({ position }) => position)).toEqual(committed.map((_, place) => base + 1 + place))
  for (const { after, feed } of followers) {
    const expected = events.filter(({ position }) => position > after)
    expect(await take(feed, expected.length)).toEqual(expected)
    await feed.return?.()
  }
}

describe('the order of the log', () => {
  it('is the order of commits, each once and without holes, however transactions, relays and readers take turns', async () => {
    await using database = await openEventDatabase()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => play(database, steps)),
      { numRuns: 50, endOnFailure: true },
    )
  }, 120_000)

  it('is the order of versions for each entity, when many processes change the same ones at once', async () => {
    await using database = await openEventDatabase()
    const entities = ['a', 'b', 'c']
    const writers = 6
    const changes = 25
    await database.connection.createCollection('entities')
    await database.connection
      .collection<{ _id: string; version: number }>('entities')
      .insertMany(entities.map((_id) => ({ _id, version: 0 })))
    const lease = { hold: () => Promise.resolve(true), release: () => Promise.resolve() }
    const running = [
      database.startRelay({ lease }),
      database.startRelay({ connection: await database.connect(), lease }),
    ]
    const live = await database.events.subscribe(['x'])
    const seen = take(live, writers * changes)
    const write = async (writer: number): Promise<void> => {
      const connection = await database.connect()
      const events = createEventLog(connection, { log, now: database.now }).forSource('test')
      const collection = connection.collection<{ _id: string; version: number }>('entities')
      for (let change = 0; change < changes; change++) {
        const _id = entities[(writer + change) % entities.length] ?? 'a'
        await connection.transaction(async (session) => {
          const changed = await collection.findOneAndUpdate(
            { _id },
            { $inc: { version: 1 } },
            { session, returnDocument: 'after' },
          )
          await events.append(session, event('x', _id, changed?.version))
        })
      }
    }
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
    await running[0]?.settled()
    const events = await database.readAll()
    expect(events.map(({ position }) => position)).toEqual(events.map((_, place) => place + 1))
    for (const _id of entities) {
      const versions = events.filter(({ subject }) => subject === _id).map(({ data }) => data['number'])
      expect(versions).toEqual(Array.from({ length: (writers * changes) / entities.length }, (_, n) => n + 1))
    }
    expect(await seen).toEqual(events)
  }, 60_000)
})
