import type { FoundBatches, FoundRecord } from '../plan/query.ts'
import type { Context } from './command.ts'

/** How many documents one commit of a multi-document write takes. */
const batchSize = 500

/** Hands on found records some at a time, each record once. */
export async function inBatches(
  found: FoundBatches,
  { operation }: Context,
  write: (batch: readonly FoundRecord[]) => Promise<void>,
): Promise<void> {
  const seen = new Set<number>()
  let batch: FoundRecord[] = []
  try {
    for await (const records of found) {
      for (const record of records) {
        if (seen.has(record.id)) continue
        seen.add(record.id)
        batch.push(record)
      }
      if (batch.length < batchSize) continue
      operation.release()
      await write(batch)
      operation.check()
      batch = []
    }
    operation.release()
    if (batch.length > 0) await write(batch)
  } finally {
    operation.release()
  }
}
