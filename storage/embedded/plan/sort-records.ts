import { CommandError } from '../errors.ts'
import type { Operation } from '../engine/operation.ts'
import { compileSort } from '../query/compile-sort.ts'
import { sortInTurns } from '../query/sort-in-turns.ts'
import type { FoundRecord, Query } from './query.ts'

/** What one sort may hold, as in MongoDB; the embedded database does not sort on disk. */
export const sortMemoryBytes = 100 * 1024 * 1024

const recordsPerBreath = 128

/** Sorts what an index could not order; with a limit it holds about twice as many as will be kept. */
export async function* sortRecords(
  found: AsyncGenerator<FoundRecord>,
  { query, operation }: { query: Query; operation: Operation },
): AsyncGenerator<FoundRecord> {
  const compare = compileSort(query.sort)
  const wanted = query.limit > 0 ? query.skip + query.limit : Number.POSITIVE_INFINITY
  let held: FoundRecord[] = []
  let heldBytes = 0
  const breathe = (): Promise<void> | undefined => operation.breatheWhenOver()
  const sortHeld = async (): Promise<void> => {
    const sorted = await sortInTurns(held, { compare: (a, b) => compare(a.doc, b.doc), breathe })
    held = sorted.slice(0, Math.min(wanted, held.length))
    heldBytes = held.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }
  for await (const record of found) {
    held.push(record)
    heldBytes += record.bytes.length
    if (held.length >= wanted * 2 + 1000) await sortHeld()
    if (heldBytes > sortMemoryBytes) {
      throw new CommandError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `Sort exceeded memory limit of ${sortMemoryBytes} bytes, and the embedded database does not sort on disk; add an index or set MONGODB_URI`,
      )
    }
  }
  await sortHeld()
  operation.check()
  for (const [place, record] of held.entries()) {
    if (place % recordsPerBreath === 0) await breathe()
    yield record
  }
}
