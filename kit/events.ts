import type { ClientSession } from 'mongoose'
import type { EventTypeRegister } from './declared-event-types.ts'

/** A fact of the domain, with CloudEvents 1.0 attributes. Data is by reference: ids and small values, never documents. */
export interface DomainEvent {
  /** Unique; consumers are idempotent by it. */
  readonly id: string
  /** Its place in the log, from 1 and without holes. What was committed before has a lower one. */
  readonly position: number
  /** The subgraph that owns the fact, for example `inventory`. */
  readonly source: string
  /** In the past tense, for example `deal.approved`. */
  readonly type: string
  /** The id of the entity that the event is about. */
  readonly subject: string
  readonly time: Date
  /** The organizations that may learn of it; empty means every organization. */
  readonly audience: readonly string[]
  readonly data: Readonly<Record<string, EventValue>>
  /** Of an event of a published subgraph, the id of the declaration of its type that it was recorded under. */
  readonly declaration?: string
}

/** What an event may say: ids and small values, and short lists of them. */
export type EventValue = string | number | boolean | null | readonly string[]

export type NewEvent = Pick<DomainEvent, 'type' | 'subject' | 'audience' | 'data'>

/** An event of a published subgraph, whose id and time are its own. */
export type HandedInEvent = Omit<Required<DomainEvent>, 'position'>

/** What came of handing events in. */
export interface HandInOutcome {
  readonly recorded: number
  /** How many were recorded before: the same again changes nothing. */
  readonly repeated: number
  /** Ids that were recorded before with something else in them; then nothing was recorded. */
  readonly reused: readonly string[]
}

/** A live feed that ends when its reader returns, even while it waits for the next event. */
export type EventFeed = AsyncIterableIterator<DomainEvent, undefined>

/** A part of the log. */
export interface EventPage {
  readonly events: readonly DomainEvent[]
  /** All events of the types that were asked for up to this position are here or were before: read on after it. */
  readonly upTo: number
}

export interface ReadOptions {
  readonly limit: number
  readonly types?: readonly string[]
  /** Besides `types`, events that were recorded under these declarations; see `DeclaredEventType`. */
  readonly declarations?: FeedTypes['declarations'] | undefined
  /** Only what this organization may learn of; left out for the operator, who may learn of all. */
  readonly audience?: string | undefined
  /** Positions that are looked at at most, which bounds what a search for rare events costs. */
  readonly within?: number
}

/** Which events a feed has. */
export interface FeedTypes {
  readonly types: readonly string[]
  /** Besides `types`, events that were recorded under these declarations, or under any. */
  readonly declarations: readonly string[] | 'any'
}

export interface EventReader {
  /** Committed events of these types from now on, in commit order. */
  subscribe(types: readonly string[] | FeedTypes): Promise<EventFeed>
  /**
   * The events of these types (all when left out) after a position, at most `limit`, in commit order. 0 is before the
   * first event. Throws EventsGoneError when some of them are no longer kept.
   */
  read(after: number, options: ReadOptions): Promise<EventPage>
  /** The first position that is kept and the last that was given. */
  bounds(): Promise<{ readonly oldest: number; readonly newest: number }>
  /** What `read` gives and then, with no gap and no duplicate, what `subscribe` gives. */
  follow(after: number, types: readonly string[] | FeedTypes): Promise<EventFeed>
}

export interface EventLog extends EventReader {
  /** The types of events that published subgraphs declare. */
  readonly declared: EventTypeRegister
  /** Records events of published subgraphs, in this order, each id once: all of them or none. */
  record(session: ClientSession, events: readonly HandedInEvent[]): Promise<HandInOutcome>
  /** Records events, in this order, in the transaction that makes them true: both are committed or neither. */
  append(session: ClientSession, ...events: readonly NewEvent[]): Promise<void>
}

/** What `EventLog.subscribe` answers to a reader that does not keep up, so that no event is lost in silence. */
export class SlowReaderError extends Error {
  constructor(limit: number) {
    super(`the reader fell more than ${limit} events behind`)
    this.name = 'SlowReaderError'
  }
}

/** What a reader gets who was away for longer than events are kept: some that it has not seen are gone. */
export class EventsGoneError extends Error {
  /** The first position that is still there. */
  readonly oldest: number

  constructor(after: number, oldest: number) {
    super(`the events after ${after} are kept from ${oldest} on only`)
    this.name = 'EventsGoneError'
    this.oldest = oldest
  }
}

/** A reader names a position that the log has not given yet: it comes from another log, or from one that was lost. */
export class UnknownPositionError extends Error {
  constructor(after: number, last: number) {
    super(`there is no event ${after}, the last one is ${last}`)
    this.name = 'UnknownPositionError'
  }
}
