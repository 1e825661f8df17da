import { createHash } from 'node:crypto'
import type { ClientSession, Connection } from 'mongoose'
import type { HandInOutcome, HandedInEvent } from '../kit/events.ts'
import { type HandIn, handInsOf, outboxOf } from './collections.ts'

/**
 * Records events of published subgraphs in the outbox, each id once; see `EventLog.record`. Two transactions that record
 * the same id at once collide at its row: the later one fails with a duplicate key or a conflict, and finds it done when
 * it is run again. The outbox alone would not do, for its rows go when they are moved.
 */
export async function recordHandedIn(
  connection: Connection,
  session: ClientSession,
  { events, at }: { readonly events: readonly HandedInEvent[]; readonly at: Date },
): Promise<HandInOutcome> {
  const hashes = new Map(events.map((event) => [event.id, hashOf(event)]))
  const found = await handInsOf(connection)
    .find({ _id: { $in: [...hashes.keys()] } }, { session })
    .toArray()
  const known = new Map(found.map(({ _id, hash }) => [_id, hash]))
  const reused = found.filter(({ _id, hash }) => hashes.get(_id) !== hash).map(({ _id }) => _id)
  if (reused.length > 0) return { recorded: 0, repeated: 0, reused }
  const fresh = events.filter(({ id }) => !known.has(id))
  if (fresh.length > 0) {
    const handIns = fresh.map(({ id }): HandIn => ({ _id: id, hash: hashes.get(id) ?? '', at }))
    await handInsOf(connection).insertMany(handIns, { session, ordered: true })
    const rows = fresh.map(({ id, ...event }) => ({ _id: id, ...event, handedInAt: at }))
    await outboxOf(connection).insertMany(rows, { session, ordered: true })
  }
  return { recorded: fresh.length, repeated: events.length - fresh.length, reused }
}

/** Whatever the declaration is by now: the same event is the same. */
function hashOf({ type, subject, time, audience, data }: HandedInEvent): string {
  const told = [type, subject, time.toISOString(), audience.toSorted(), Object.entries(data).toSorted(byName)]
  return createHash('sha256').update(JSON.stringify(told)).digest('base64url')
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1
