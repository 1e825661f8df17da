import type { Connection } from 'mongoose'
import {
  type DomainEvent,
  type EventPage,
  EventsGoneError,
  type ReadOptions,
  UnknownPositionError,
} from '../kit/events.ts'
import { type LogRow, logOf, readRelayState } from './collections.ts'

/** Positions looked at in one query: it bounds what a query for rare types costs. */
const window = 5_000

/** The events of some types, or all, after a position; see `EventReader.read`. */
export async function readLog(
  connection: Connection,
  after: number,
  { limit, audience, within = Number.POSITIVE_INFINITY, ...kinds }: ReadOptions,
): Promise<EventPage> {
  // Read first: what has a position up to here is in the log, because both were committed together.
  const { position, oldest } = await readRelayState(connection)
  if (after > position) throw new UnknownPositionError(after, position)
  if (after + 1 < oldest) throw new EventsGoneError(after, oldest)
  const events: DomainEvent[] = []
  const end = Math.min(position, after + within)
  const conditions = [
    ...ofKinds(kinds),
    ...(audience === undefined ? [] : [{ $or: [{ audience: { $size: 0 } }, { audience }] }]),
  ]
  const wanted = conditions.length === 0 ? {} : { $and: conditions }
  let upTo = after
  while (upTo < end && events.length < limit) {
    const to = Math.min(upTo + window, end)
    const rest = limit - events.length
    const rows = await logOf(connection)
      .find({ _id: { $gt: upTo, $lte: to }, ...wanted }, { batchSize: rest })
      .sort({ _id: 1 })
      .limit(rest)
      .toArray()
    events.push(...rows.map(toEvent))
    upTo = rows.length === rest ? (rows.at(-1)?._id ?? to) : to
  }
  if (upTo > after) {
    // Some may have been cut away while the others were read.
    const { oldest: now } = await readRelayState(connection)
    if (after + 1 < now) throw new EventsGoneError(after, now)
  }
  return { events, upTo }
}

function ofKinds({ types, declarations = [] }: Pick<ReadOptions, 'types' | 'declarations'>): object[] {
  if (types === undefined) return []
  const own = { type: { $in: [...types] } }
  if (declarations.length === 0) return [own]
  const declared = declarations === 'any' ? { $exists: true } : { $in: [...declarations] }
  return [{ $or: [own, { declaration: declared }] }]
}

/** A row of the log as its readers get it. */
export function toEvent({ _id, ...row }: LogRow): DomainEvent {
  const { handedInAt: _handedInAt, ...rest } = row
  return { ...rest, position: _id }
}
