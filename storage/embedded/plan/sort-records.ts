import { CommandError } from '../errors.ts'
import type { Operation } from '../engine/operation.ts'
import { compileSort } from '../query/compile-sort.ts'
import { sortInTurns } from '../query/sort-in-turns.ts'
import type { FoundBatches, FoundRecord, Query } from './query.ts'

/** What one sort may hold, as in MongoDB; the embedded database does not sort on disk. */
export const sortMemoryBytes = 100 * 1024 * 1024

const recordsPerBatch = 128

type Order = { query: Query; operation: Operation; compare?: (a: FoundRecord, b: FoundRecord) => number }

/** Sorts what an index could not order; with a limit it holds about twice as many as will be kept. */
export async function* sortRecords(found: FoundBatches, { query, operation, compare }: Order): FoundBatches {
  const byDocs = compare === undefined ? compileSort(query.sort) : undefined
  const order = compare ?? ((a, b) => byDocs?.(a.doc, b.doc) ?? 0)
  const wanted = query.limit > 0 ? query.skip + query.limit : Number.POSITIVE_INFINITY
  let held: FoundRecord[] = []
  let heldBytes = 0
  const breathe = (): Promise<void> | undefined => operation.breatheWhenOver()
  const sortHeld = async (): Promise<void> => {
    const sorted = await sortInTurns(held, { compare: order, breathe })
    held = sorted.slice(0, Math.min(wanted, held.length))
    heldBytes = held.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }
  for await (const batch of found) {
    for (const record of batch) {
      held.push(record)
      heldBytes += record.bytes.length
      if (heldBytes > sortMemoryBytes) {
        throw new CommandError(
          'QueryExceededMemoryLimitNoDiskUseAllowed',
          `Sort exceeded memory limit of ${sortMemoryBytes} bytes, and the embedded database does not sort on disk; add an index or set MONGODB_URI`,
        )
      }
    }
    if (held.length >= wanted * 2 + 1000) await sortHeld()
  }
  await sortHeld()
  operation.check()
  for (let place = 0; place < held.length; place += recordsPerBatch) {
    await breathe()
    yield held.slice(place, place + recordsPerBatch)
  }
}
