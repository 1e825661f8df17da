import type { Connection, Model, QueryFilter } from 'mongoose'
import type { EventLog, NewEvent } from '../../kit/events.ts'
import type { Filter, Versioned } from './documents.ts'

const batchSize = 100

interface DueOptions<Doc> {
  readonly model: Model<Doc>
  /** What is due; served by an index. A document that `changes` were made to is due no longer. */
  readonly due: Filter
  readonly changes: Filter
  readonly events: (document: Doc) => readonly NewEvent[]
  /** What else belongs to the transaction. */
  readonly also?: (
    documents: readonly Doc[],
    session: Parameters<Parameters<Connection['transaction']>[0]>[0],
  ) => Promise<unknown>
}

/**
 * Ends what is due, a batch in one transaction with its events; answers how many. Of two processes that find the same
 * documents, one commits; the other's transaction conflicts, runs again and finds them done.
 */
export async function expireDue<Doc extends Versioned>(
  { connection, events }: { readonly connection: Connection; readonly events: EventLog },
  { model, due, changes, events: eventsOf, also }: DueOptions<Doc>,
): Promise<number> {
  let handled = 0
  await connection.transaction(async (session) => {
    const documents = await model.find(due as QueryFilter<Doc>, null, { session, limit: batchSize }).lean<Doc[]>()
    handled = documents.length
    if (handled === 0) return
    await model.updateMany(
      { _id: { $in: documents.map(({ _id }) => _id) } } as unknown as QueryFilter<Doc>,
      { $set: changes, $inc: { version: 1 } },
      { session },
    )
    await also?.(documents, session)
    await events.append(session, ...documents.flatMap(eventsOf))
  })
  return handled
}
