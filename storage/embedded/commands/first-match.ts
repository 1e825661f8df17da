import type { Collection } from '../engine/collection.ts'
import { findRecords } from '../plan/find-records.ts'
import type { FoundRecord } from '../plan/query.ts'
import type { QueryFilter } from '../plan/query-filter.ts'
import type { Doc } from '../query/bson.ts'
import type { Context } from './command.ts'

/** The first document of a query. */
export async function firstMatch(
  { view, operation }: Context,
  collection: Collection,
  { filter, sort, hint }: { filter: QueryFilter; sort: Doc; hint?: unknown },
): Promise<FoundRecord | undefined> {
  const query = { filter, sort, limit: 1, skip: 0, ...(hint === undefined ? {} : { hint }) }
  const { batches } = findRecords({ view, collection, operation }, query)
  try {
    for await (const [record] of batches) return record
    return undefined
  } finally {
    operation.release()
  }
}
