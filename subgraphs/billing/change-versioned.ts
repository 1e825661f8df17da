import { noteChange } from '../../storage/audit.ts'
import type { ClientSession, Model, QueryFilter, UpdateQuery } from 'mongoose'

interface Versioned {
  readonly _id: string
  readonly version: number
}

/**
 * Changes a document as the transaction has read it and counts its version up. Another writer of the same document
 * makes the transaction conflict and run again, so that the version can never be another one here.
 */
export async function changeVersioned<Doc extends Versioned>(
  model: Model<Doc>,
  session: ClientSession,
  document: Versioned,
  changes: Partial<Omit<Doc, '_id' | 'version'>>,
): Promise<Doc> {
  const { _id, version } = document
  noteChange(session, document, changes)
  const changed = await model
    .findOneAndUpdate(
      { _id, version } as QueryFilter<Doc>,
      { $set: changes, $inc: { version: 1 } } as unknown as UpdateQuery<Doc>,
      { session, returnDocument: 'after' },
    )
    .lean<Doc>()
  if (changed === null) throw new Error(`${_id} changed inside the transaction that read it`)
  return changed
}
