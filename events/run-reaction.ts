import { type ClientSession, type Connection, mongo } from 'mongoose'
import { type DomainEvent, EventsGoneError } from '../kit/events.ts'
import type { Logger } from '../kit/log.ts'
import type { Place } from './collections.ts'
import { dueEvents, parkBehind, parkFailed, parkedSubjects, postpone, unpark } from './parked-events.ts'
import { PlaceMoved, movePlace, readPlace } from './places.ts'
import { readLog } from './read-log.ts'
import type { WorkingSession } from './working-session.ts'

/** Events that are handled in one transaction. */
const batchSize = 50
/** How far a place may lie behind what was looked at, where nothing in between concerned the reaction. */
const keepEvery = 1_000

/** A reaction as `kit/background.ts` binds it. */
export interface BoundReaction {
  readonly name: string
  readonly types: readonly string[]
  readonly beginsAt?: 'oldest' | 'now' | undefined
  handle(event: DomainEvent, session: ClientSession): Promise<void>
}

export interface ReactionRun {
  /** Handles all that is in the log now, and what of the parked is due. Throws only where the database is at fault. */
  catchUp(): Promise<void>
  /** Takes note of an event that does not concern the reaction; false where that cannot be known to be the next. */
  skip(position: number): boolean
  /** All up to here is handled or parked. */
  upTo(): number
  /** How many events were parked when it was last looked. */
  parked(): number
  /** Takes over the place that another process has moved. */
  reload(): Promise<Place>
  /** Keeps the place, also where nothing was handled lately. */
  keep(): Promise<void>
}

export interface ReactionOptions {
  /** In which the reaction's transactions run. */
  readonly work: WorkingSession
  readonly log: Logger
  readonly now: () => Date
  /** Waits between attempts at an event before it is parked. */
  readonly retryDelaysMs: readonly number[]
  readonly pause: (milliseconds: number) => Promise<void>
  readonly isClosing: () => boolean
}

/** One reaction's way along the log; its place and what it does with events are committed together. */
export function createReactionRun(
  connection: Connection,
  reaction: BoundReaction,
  options: ReactionOptions,
): ReactionRun {
  const { name, types } = reaction
  const { work, log, now, retryDelaysMs, pause, isClosing } = options
  /** The place as it is stored, which the next move expects, and how far the log was looked at. */
  let [stored, seen, parked] = [0, 0, 0]

  const take = (place: Place): void => {
    stored = place.position
    seen = Math.max(seen, stored)
    parked = place.parked
  }
  const reload = async (): Promise<Place> => {
    const place = await readPlace(connection, name)
    take(place)
    return place
  }
  const moveTo = async (to: number, session?: ClientSession): Promise<Place> =>
    movePlace(connection, { name, from: stored, to }, session)

  /** All of these events in one transaction with the place behind them. */
  async function handleTogether(events: readonly DomainEvent[], to: number): Promise<void> {
    const place = await work.run(async (session) => {
      const moved = await moveTo(to, session)
      const subjects = events.map(({ subject }) => subject)
      const blocked =
        moved.parked === 0 ? new Set() : await parkedSubjects(connection, { reaction: name, subjects }, session)
      let behind = 0
      for (const event of events) {
        if (blocked.has(event.subject)) behind += 1
        if (blocked.has(event.subject)) await parkBehind(connection, { reaction: name, event, now: now() }, session)
        else await reaction.handle(event, session)
      }
      return { ...moved, parked: moved.parked + behind }
    })
    take(place)
  }

  /** Tries one event until it is handled or parked; false when it was left because the process ends. */
  async function handleAlone(event: DomainEvent): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await handleTogether([event], event.position)
        return true
      } catch (error) {
        if (error instanceof PlaceMoved || isOutage(error)) throw error
        const delay = retryDelaysMs[attempt]
        const about = { err: error, reaction: name, eventId: event.id, eventType: event.type, subject: event.subject }
        if (delay === undefined) {
          await park(event, error)
          log.error(about, 'a reaction cannot handle an event; it is parked and tried again later')
          return true
        }
        log.warn(about, 'a reaction failed; it is tried again')
        await pause(delay)
        if (isClosing()) return false
      }
    }
  }

  async function park(event: DomainEvent, error: unknown): Promise<void> {
    const place = await work.run(async (session) => {
      const moved = await moveTo(event.position, session)
      await parkFailed(connection, { reaction: name, event, error, now: now() }, session)
      return { ...moved, parked: moved.parked + 1 }
    })
    take(place)
  }

  async function handle(events: readonly DomainEvent[], to: number): Promise<void> {
    try {
      await handleTogether(events, to)
    } catch (error) {
      if (error instanceof PlaceMoved || isOutage(error)) throw error
      log.warn({ err: error, reaction: name, events: events.length }, 'a reaction failed; each event is tried alone')
      for (const event of events) if (!(await handleAlone(event))) return
    }
  }

  /** One page of the log; true when there may be more. */
  async function advance(): Promise<boolean> {
    try {
      const page = await readLog(connection, seen, { limit: batchSize, types })
      if (page.events.length > 0) await handle(page.events, page.upTo)
      if (isClosing()) return false
      seen = Math.max(seen, page.upTo)
      if (seen - stored >= keepEvery) take(await moveTo(seen))
      return page.events.length === batchSize
    } catch (error) {
      if (error instanceof PlaceMoved) await reload()
      else if (error instanceof EventsGoneError) {
        log.error({ err: error, reaction: name }, 'a reaction was away too long: it goes on behind the gap')
        take(await moveTo(error.oldest - 1))
      } else throw error
      return true
    }
  }

  /** Tries again what is due of the parked; each success lets the next event of its subject follow. */
  async function retryParked(): Promise<void> {
    for (let due = 1; due > 0 && !isClosing();) {
      const events = await dueEvents(connection, { reaction: name, now: now(), limit: batchSize })
      due = events.length
      for (const one of events) {
        try {
          await work.run(async (session) => {
            if (await unpark(connection, { parked: one, now: now() }, session)) {
              await reaction.handle(one.event, session)
            }
          })
        } catch (error) {
          if (isOutage(error)) throw error
          await postpone(connection, { parked: one, error, now: now() })
          const about = { err: error, reaction: name, eventId: one.event.id, subject: one.subject }
          log.error(about, 'a parked event still cannot be handled; it stays parked')
        }
      }
    }
    await reload()
  }

  return {
    async catchUp() {
      while (!isClosing() && (await advance()));
      if (parked > 0 && !isClosing()) await retryParked()
    },
    skip(position) {
      if (position !== seen + 1) return false
      seen = position
      return seen - stored < keepEvery
    },
    upTo: () => seen,
    parked: () => parked,
    reload,
    async keep() {
      if (seen === stored) return
      try {
        take(await moveTo(seen))
      } catch (error) {
        if (!(error instanceof PlaceMoved)) throw error
      }
    },
  }
}

const outages = [mongo.MongoNetworkError, mongo.MongoServerSelectionError, mongo.MongoNotConnectedError]

/** True where it is not the event's fault: the database cannot be reached, or takes part in something else. */
function isOutage(error: unknown): boolean {
  if (outages.some((kind) => error instanceof kind)) return true
  return error instanceof mongo.MongoError && error.hasErrorLabel('TransientTransactionError')
}
