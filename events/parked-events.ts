import type { ClientSession, Connection } from 'mongoose'
import type { DomainEvent } from '../kit/events.ts'
import { type ParkedEvent, parkedOf, placesOf } from './collections.ts'

const minute = 60_000
/** After each failed attempt at a parked event; the last one repeats. */
const delaysMs = [minute, 5 * minute, 30 * minute, 60 * minute]

/** Parks an event that was tried in vain; it is tried again when it is due. */
export async function parkFailed(
  connection: Connection,
  failed: { readonly reaction: string; readonly event: DomainEvent; readonly error: unknown; readonly now: Date },
  session: ClientSession,
): Promise<void> {
  const { reaction, event, error, now } = failed
  await park(connection, { reaction, event, now, reason: reasonOf(error), attempts: 1, due: dueAfter(1, now) }, session)
}

/** Parks an event behind an earlier one about the same subject: a subject's events are handled in order. */
export async function parkBehind(
  connection: Connection,
  waiting: { readonly reaction: string; readonly event: DomainEvent; readonly now: Date },
  session: ClientSession,
): Promise<void> {
  const reason = `waits for an earlier event about ${waiting.event.subject}`
  await park(connection, { ...waiting, reason, attempts: 0, due: null }, session)
}

async function park(
  connection: Connection,
  { event, now, ...rest }: Pick<ParkedEvent, 'reaction' | 'event' | 'reason' | 'attempts' | 'due'> & { now: Date },
  session: ClientSession,
): Promise<void> {
  const { subject, position } = event
  const parked = { _id: `${rest.reaction}/${event.id}`, subject, position, event, parkedAt: now, ...rest }
  await parkedOf(connection).insertOne(parked, { session })
  await placesOf(connection).updateOne({ _id: rest.reaction }, { $inc: { parked: 1 } }, { session })
}

/** Those of the subjects of which a reaction has parked events. */
export async function parkedSubjects(
  connection: Connection,
  { reaction, subjects }: { readonly reaction: string; readonly subjects: readonly string[] },
  session: ClientSession,
): Promise<Set<string>> {
  const filter = { reaction, subject: { $in: [...subjects] } }
  const found = await parkedOf(connection)
    .find(filter, { session, projection: { subject: 1 } })
    .toArray()
  return new Set(found.map(({ subject }) => subject))
}

/** What a reaction has to try again by now. */
export async function dueEvents(
  connection: Connection,
  { reaction, now, limit }: { readonly reaction: string; readonly now: Date; readonly limit: number },
): Promise<ParkedEvent[]> {
  const due = parkedOf(connection).find({ reaction, due: { $lte: now } })
  return due.sort({ due: 1 }).limit(limit).toArray()
}

/** Takes an event out again, in the transaction that handles it, and lets the next one of its subject follow. */
export async function unpark(
  connection: Connection,
  { parked, now }: { readonly parked: ParkedEvent; readonly now: Date },
  session: ClientSession,
): Promise<boolean> {
  const { _id, reaction, subject } = parked
  const { deletedCount } = await parkedOf(connection).deleteOne({ _id }, { session })
  // Another process was first.
  if (deletedCount === 0) return false
  await placesOf(connection).updateOne({ _id: reaction }, { $inc: { parked: -1 } }, { session })
  await parkedOf(connection).findOneAndUpdate(
    { reaction, subject, due: null },
    { $set: { due: now } },
    { sort: { position: 1 }, session },
  )
  return true
}

/** Notes that an attempt has failed again. */
export async function postpone(
  connection: Connection,
  { parked, error, now }: { readonly parked: ParkedEvent; readonly error: unknown; readonly now: Date },
): Promise<void> {
  const { _id, attempts } = parked
  const next = { attempts: attempts + 1, due: dueAfter(attempts + 1, now), reason: reasonOf(error) }
  await parkedOf(connection).updateOne({ _id, attempts }, { $set: next })
}

/** Every event that waits to be tried again, the oldest first, with the reason why it could not be handled. */
export async function listParkedEvents(connection: Connection, limit: number): Promise<ParkedEvent[]> {
  return parkedOf(connection).find().sort({ _id: 1 }).limit(limit).toArray()
}

function dueAfter(attempts: number, now: Date): Date {
  return new Date(now.getTime() + (delaysMs[attempts - 1] ?? 60 * minute))
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 1_000)
}
