import { Blocked } from '../engine/locks.ts'
import { updateRecord } from '../engine/records.ts'
import { findRecords } from '../plan/find-records.ts'
import type { FoundRecord } from '../plan/query.ts'
import { checkWritten } from './check-valid.ts'
import type { Context } from './command.ts'
import { inBatches } from './in-batches.ts'
import { matchedAgain } from './matched-again.ts'
import { prepareUpdate, type UpdateRequest } from './update-request.ts'
import { readCollection, writeBatchTo } from './written-collection.ts'

/**
 * Updates every match, some at a time; each document is matched again in the turn that writes, and none is updated
 * twice, even if the update moves it ahead in the index that is read.
 */
export async function updateMany(
  context: Context,
  request: UpdateRequest,
): Promise<{ matched: number; changed: number }> {
  const { filter, hint } = request
  const update = prepareUpdate(request)
  const counts = { matched: 0, changed: 0 }
  const planned = readCollection(context, request.collection)
  if (planned === undefined) return counts
  const { view, operation } = context
  const query = { filter, sort: {}, limit: 0, skip: 0, ...(hint === undefined ? {} : { hint }) }
  const { batches } = findRecords({ view, collection: planned, operation }, query)

  await inBatches(batches, context, async (batch: readonly FoundRecord[]) => {
    const result = await writeBatchTo(context, planned, async (unit, collection) => {
      const done = { matched: 0, changed: 0, failure: undefined as unknown }
      for (const found of batch) {
        if (operation.turnIsOver) await operation.breathe()
        const current = matchedAgain(unit.view, collection, { found, filter })
        if (current === undefined) continue
        const { record, doc: before } = current
        try {
          const changed = unit.attempt((inner) => {
            const after = update.apply(before, { inserting: false })
            checkWritten(context, collection, after, before)
            return updateRecord(
              inner,
              { collection, record, before, after, replacing: update.replacing },
              context.origin,
            )
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
