import { Blocked } from '../engine/locks.ts'
import { readRecord, updateRecord } from '../engine/records.ts'
import { findRecords } from '../plan/find-records.ts'
import type { FoundRecord } from '../plan/query.ts'
import { readDoc, type Doc } from '../query/bson.ts'
import { compileFilter } from '../query/compile-filter.ts'
import { compileUpdate } from '../query/compile-update.ts'
import type { Context } from './command.ts'
import { inBatches } from './in-batches.ts'
import { isReplacement } from './update-one.ts'
import { readCollection, writeBatchTo } from './written-collection.ts'

export type UpdateManyRequest = {
  readonly collection: string
  readonly filter: Doc
  readonly update: Doc | Doc[]
  readonly arrayFilters?: readonly Doc[]
}

/**
 * Updates every match, some at a time; each document is matched again in the turn that writes, and none is updated
 * twice, even if the update moves it ahead in the index that is read.
 */
export async function updateMany(
  context: Context,
  request: UpdateManyRequest,
): Promise<{ matched: number; changed: number }> {
  const { filter, arrayFilters } = request
  const update = compileUpdate(request.update, {
    filter,
    ...(arrayFilters === undefined ? {} : { arrayFilters: [...arrayFilters] }),
  })
  const matches = compileFilter(filter)
  const replacing = isReplacement(request.update)
  const counts = { matched: 0, changed: 0 }
  const planned = readCollection(context, request.collection)
  if (planned === undefined) return counts
  const { view, operation } = context
  const { records } = findRecords({ view, collection: planned, operation }, { filter, sort: {}, limit: 0, skip: 0 })

  await inBatches(records, context, async (batch: readonly FoundRecord[]) => {
    const result = await writeBatchTo(context, planned, async (unit, collection) => {
      const done = { matched: 0, changed: 0, failure: undefined as unknown }
      for (const found of batch) {
        if (operation.turnIsOver) await operation.breathe()
        const record = readRecord(unit.view, collection, found.id)
        if (record === undefined) continue
        const before = readDoc(record.bytes)
        if (!record.bytes.equals(found.bytes) && !matches(before)) continue
        try {
          const changed = unit.attempt((inner) => {
            const after = update.apply(before, { inserting: false })
            return updateRecord(inner, { collection, record, after, replacing }, context.origin)
          })
          done.matched++
          if (changed) done.changed++
        } catch (error) {
          // What came before stays written, as in MongoDB; a blocked unit runs again as a whole.
          if (error instanceof Blocked || done.matched === 0 || context.transaction !== undefined) throw error
          done.failure = error
          break
        }
      }
      return done
    })
    counts.matched += result.matched
    counts.changed += result.changed
    if (result.failure !== undefined) throw result.failure
  })
  return counts
}
