import type { Connection } from 'mongoose'
import { currentToken, outboxOf, readRelayState, relayStateOf } from './collections.ts'
import { type InTransaction, moveToLog } from './move-to-log.ts'

const batchSize = 500

/**
 * Begins anew where the change stream cannot be resumed: takes a new resume token, and then moves what waits in the
 * outbox in the order in which it was recorded. The order of commits is lost with the old token, but not that of the
 * events of one entity: their mutations wait for each other, and ids grow with time.
 */
export async function sweepOutbox(connection: Connection, inTransaction: InTransaction): Promise<void> {
  // Taken first: what is committed from here on is told by the stream as well, so that nothing falls in between.
  const token = await currentToken(connection)
  const outbox = outboxOf(connection)
  // Not beyond what waits now: newer rows come through the stream, in the order of their commits.
  const [newest] = await outbox.find().sort({ _id: -1 }).limit(1).toArray()
  let { position } = await readRelayState(connection)
  const nextRows = () =>
    outbox
      .find({ _id: { $lte: newest?._id ?? '' } })
      .sort({ _id: 1 })
      .limit(batchSize)
      .toArray()
  for (let rows = await nextRows(); rows.length > 0; rows = await nextRows()) {
    position = await moveToLog(connection, { rows, position, inTransaction })
  }
  await relayStateOf(connection).updateOne({ _id: 'relay' }, { $set: { token } })
}
