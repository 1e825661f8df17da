import type { ClientSession } from 'mongoose'

/** A fact of the domain, with CloudEvents 1.0 attributes. Data is by reference: ids and small values, never documents. */
export interface DomainEvent {
  /** Unique; consumers are idempotent by it. */
  readonly id: string
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
}

/** What an event may say: ids and small values, and short lists of them. */
export type EventValue = string | number | boolean | null | readonly string[]

export type NewEvent = Pick<DomainEvent, 'type' | 'subject' | 'audience' | 'data'>

/** A live feed that ends when its reader returns, even while it waits for the next event. */
export type EventFeed = AsyncIterableIterator<DomainEvent, undefined>

export interface EventLog {
  /** Records events, in this order, in the transaction that makes them true: both are committed or neither. */
  append(session: ClientSession, ...events: readonly NewEvent[]): Promise<void>
  /** Committed events of these types from now on, in commit order. */
  subscribe(types: readonly string[]): Promise<EventFeed>
}

/** What `EventLog.subscribe` answers to a reader that does not keep up, so that no event is lost in silence. */
export class SlowReaderError extends Error {
  constructor(limit: number) {
    super(`the reader fell more than ${limit} events behind`)
    this.name = 'SlowReaderError'
  }
}
