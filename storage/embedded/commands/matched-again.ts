import type { Collection } from '../engine/collection.ts'
import { readRecord, type StoredRecord } from '../engine/stored-record.ts'
import type { View } from '../engine/view.ts'
import type { FoundRecord } from '../plan/query.ts'
import type { QueryFilter } from '../plan/query-filter.ts'
import { readDoc, type Doc } from '../query/bson.ts'

/** A found record as it is in the turn that writes; undefined when it is gone or matches no more. */
export function matchedAgain(
  view: View,
  collection: Collection,
  { found, filter }: { found: FoundRecord; filter: QueryFilter },
): { record: StoredRecord; doc: Doc } | undefined {
  const record = readRecord(view, collection, found.id)
  if (record === undefined) return undefined
  // Most often nothing has happened since, and what was decoded to find it still holds.
  if (record.bytes.equals(found.bytes)) return { record, doc: found.doc }
  const doc = readDoc(record.bytes)
  return filter.matches(doc) ? { record, doc } : undefined
}
