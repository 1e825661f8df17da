import type { Connection } from 'mongoose'
import type { DomainEvent } from '../kit/events.ts'
import { prepareAudit } from '../storage/audit.ts'
import { isDuplicateKey } from '../storage/mutate.ts'
import { prepareDeclaredTypes } from './declared-types.ts'
import { watchInserts } from './insert-stream.ts'

/** What is kept with an event beside what its readers get. */
interface Kept {
  /** When it came, if it was handed in: its time is then another team's, and may be days before. */
  readonly handedInAt?: Date
}

/** An event that was committed and has no position yet. */
export type OutboxRow = Omit<DomainEvent, 'id' | 'position'> & Kept & { readonly _id: string }

/** An event of the log, under its position. */
export type LogRow = Omit<DomainEvent, 'position'> & Kept & { readonly _id: number }

/** How far the log goes and how far the outbox was read: one document, which every step of a relay changes. */
export interface RelayState {
  readonly _id: 'relay'
  /** The last position given; 0 before the first. */
  readonly position: number
  /** The first position that is still kept. */
  readonly oldest: number
  /** What the outbox's change stream has told up to here is in the log; null where that is not known. */
  readonly token: unknown
}

/** A reaction's place in the log. */
export interface Place {
  readonly _id: string
  /** All up to this position is handled or parked. */
  readonly position: number
  /** How many of its events are parked. */
  readonly parked: number
}

/** An event that a reaction could not handle, or that waits behind one about the same subject. */
export interface ParkedEvent {
  readonly _id: string
  readonly reaction: string
  readonly subject: string
  readonly position: number
  /** The whole event: the log may let go of it earlier. */
  readonly event: DomainEvent
  readonly reason: string
  readonly attempts: number
  readonly parkedAt: Date
  /** When it is tried again; null while it waits behind an earlier one. */
  readonly due: Date | null
}

/** That an event of a published subgraph was handed in, by its id. */
export interface HandIn {
  readonly _id: string
  /** Of what was in it, so that an id is not taken for another event's in silence. */
  readonly hash: string
  readonly at: Date
}

/** Longer than an event can be in the log. */
const handInKeptSeconds = 31 * 24 * 60 * 60

export const outboxOf = (connection: Connection) => connection.collection<OutboxRow>('event_outbox')
export const logOf = (connection: Connection) => connection.collection<LogRow>('event_log')
export const placesOf = (connection: Connection) => connection.collection<Place>('event_places')
export const parkedOf = (connection: Connection) => connection.collection<ParkedEvent>('event_parked')
export const handInsOf = (connection: Connection) => connection.collection<HandIn>('event_hand_ins')
export const relayStateOf = (connection: Connection) => connection.collection<RelayState>('event_relay')

/** Creates the log's collections, its indexes and its state. Must be done before the first event is appended. */
export async function prepareEventLog(connection: Connection): Promise<void> {
  const parked = parkedOf(connection)
  await Promise.all([
    createCollection(connection, outboxOf(connection).collectionName),
    createCollection(connection, placesOf(connection).collectionName),
    logOf(connection).createIndex({ id: 1 }, { unique: true }),
    parked.createIndex({ reaction: 1, due: 1 }),
    parked.createIndex({ reaction: 1, subject: 1, position: 1 }),
    // Events are audited where they are appended, in a transaction that must not be the first to write there.
    prepareAudit(connection),
    prepareDeclaredTypes(connection),
    handInsOf(connection).createIndex({ at: 1 }, { expireAfterSeconds: handInKeptSeconds }),
  ])
  await createState(connection)
}

/** The state of the relay, which `prepareEventLog` has made. */
export async function readRelayState(connection: Connection): Promise<RelayState> {
  const state = await relayStateOf(connection).findOne({ _id: 'relay' })
  if (state === null) throw new Error('the event log was not prepared, or its state was removed')
  return state
}

/** A place in the outbox's change stream from which nothing of the future is missed. */
export async function currentToken(connection: Connection): Promise<unknown> {
  const stream = watchInserts(outboxOf(connection))
  try {
    await stream.opened
    return stream.token() ?? null
  } finally {
    await stream.close()
  }
}

/** The token is taken before the first event can be appended, so that a relay finds them all in commit order. */
async function createState(connection: Connection): Promise<void> {
  const states = relayStateOf(connection)
  if ((await states.findOne({ _id: 'relay' })) !== null) return
  const token = await currentToken(connection)
  const [first] = await logOf(connection).find().sort({ _id: 1 }).limit(1).toArray()
  const [last] = await logOf(connection).find().sort({ _id: -1 }).limit(1).toArray()
  const position = last?._id ?? 0
  // Rows that are there already would never be told after that token: a null one has the outbox swept.
  const isEmpty = (await outboxOf(connection).findOne()) === null
  try {
    await states.insertOne({
      _id: 'relay',
      position,
      oldest: first?._id ?? position + 1,
      token: isEmpty ? token : null,
    })
  } catch (error) {
    // Another process was first.
    if (!isDuplicateKey(error)) throw error
  }
}

async function createCollection(connection: Connection, name: string): Promise<void> {
  try {
    await connection.createCollection(name)
  } catch (error) {
    const namespaceExists = 48
    if (!(error instanceof Error && 'code' in error && error.code === namespaceExists)) throw error
  }
}
