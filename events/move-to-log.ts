import type { ClientSession, Connection } from 'mongoose'
import { type OutboxRow, logOf, outboxOf, readRelayState, relayStateOf } from './collections.ts'

/** Runs work in a transaction: `connection.transaction`, or that of a working session. */
export type InTransaction = <Result>(work: (session: ClientSession) => Promise<Result>) => Promise<Result>

interface Move {
  readonly rows: readonly OutboxRow[]
  /** The last position given, as far as the caller knows. */
  readonly position: number
  readonly token?: unknown
  readonly inTransaction: InTransaction
}

/** Another relay has given the next position, or has moved one of the rows. */
class Overtaken extends Error {}

/**
 * Moves rows from the outbox into the log, in their order, and answers the last position given. One transaction gives
 * the positions, by compare-and-set, writes the events and removes the rows: however many relays there are, a row is
 * moved once, no position is given twice and none is left out. `token` is kept with it: all that the outbox's change
 * stream tells up to there must be in the log afterwards.
 */
export async function moveToLog(
  connection: Connection,
  { rows, position, token, inTransaction }: Move,
): Promise<number> {
  let [waiting, last] = [rows, position]
  while (waiting.length > 0) {
    try {
      return await moveOnce(connection, { rows: waiting, position: last, token, inTransaction })
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error
    }
    const [state, left] = await Promise.all([readRelayState(connection), stillWaiting(connection, rows)])
    waiting = rows.filter(({ _id }) => left.has(_id))
    last = state.position
  }
  return last
}

async function moveOnce(connection: Connection, { rows, position, token, inTransaction }: Move): Promise<number> {
  const last = position + rows.length
  await inTransaction(async (session) => {
    const { matchedCount } = await relayStateOf(connection).updateOne(
      { _id: 'relay', position },
      { $set: { position: last, ...(token === undefined ? {} : { token }) } },
      { session },
    )
    if (matchedCount === 0) throw new Overtaken()
    const { deletedCount } = await outboxOf(connection).deleteMany({ _id: { $in: idsOf(rows) } }, { session })
    if (deletedCount !== rows.length) throw new Overtaken()
    const events = rows.map(({ _id, ...event }, place) => ({ _id: position + 1 + place, id: _id, ...event }))
    await logOf(connection).insertMany(events, { session, ordered: true })
  })
  return last
}

/** Which of these rows have no position yet. */
export async function stillWaiting(connection: Connection, rows: readonly OutboxRow[]): Promise<ReadonlySet<string>> {
  const found = outboxOf(connection).find({ _id: { $in: idsOf(rows) } }, { projection: { _id: 1 } })
  return new Set((await found.toArray()).map(({ _id }) => _id))
}

const idsOf = (rows: readonly OutboxRow[]): string[] => rows.map(({ _id }) => _id)
