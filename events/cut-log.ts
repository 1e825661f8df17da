import type { Connection } from 'mongoose'
import { logOf, placesOf, readRelayState, relayStateOf } from './collections.ts'

const day = 24 * 60 * 60 * 1_000
const batchSize = 1_000

/** How long events are kept, and how long at most where a reaction has not come to them yet; in milliseconds. */
export interface Retention {
  readonly keptMs: number
  readonly keptForReactionsMs: number
}

export const defaultRetention: Retention = { keptMs: 7 * day, keptForReactionsMs: 30 * day }

/**
 * Removes the oldest events, always from the first position on and never one in between, and answers how many. An event
 * that a reaction has still to handle is kept longer; not for ever, because the reaction may be no more.
 */
export async function cutLog(
  connection: Connection,
  { now, retention }: { readonly now: Date; readonly retention: Retention },
): Promise<number> {
  const old = now.getTime() - retention.keptMs
  const tooOld = now.getTime() - retention.keptForReactionsMs
  const [last] = await placesOf(connection).find().sort({ position: 1 }).limit(1).toArray()
  const handled = last?.position ?? Number.POSITIVE_INFINITY
  const log = logOf(connection)
  for (let removed = 0; ;) {
    const { oldest } = await readRelayState(connection)
    const events = log.find({ _id: { $gte: oldest } }, { projection: { time: 1, handedInAt: 1 }, batchSize })
    let end = oldest - 1
    for (const { _id, time, handedInAt = time } of await events.sort({ _id: 1 }).limit(batchSize).toArray()) {
      if (handedInAt.getTime() >= (_id <= handled ? old : tooOld)) break
      end = _id
    }
    if (end < oldest) return removed
    const won = await connection.transaction(async (session) => {
      const { matchedCount } = await relayStateOf(connection).updateOne(
        { _id: 'relay', oldest },
        { $set: { oldest: end + 1 } },
        { session },
      )
      if (matchedCount > 0) await log.deleteMany({ _id: { $lte: end } }, { session })
      return matchedCount > 0
    })
    // Another process cuts as well.
    if (!won) return removed
    removed += end - oldest + 1
  }
}
