import { v7 } from 'uuid'
import type { Logger } from '../../kit/log.ts'
import type { OperationCoordinates } from '../operation/operation-coordinates.ts'
import { type UsageBatch, createUsageCollection } from './usage-batch.ts'

/**
 * How an operation ended. `DOCUMENT` is no operation: the points that the text of a new document costs; `STREAM` what an
 * open stream delivers after it has begun.
 */
export type UsageOutcome = 'OK' | 'PARTIAL' | 'DENIED' | 'THROTTLED' | 'QUOTA' | 'FAILED' | 'DOCUMENT' | 'STREAM'

/** What one operation adds to its app's usage. */
export interface Usage {
  readonly appId: string
  readonly environment?: 'live' | 'sandbox'
  /** The contract or dated version on whose path it came; left out, or null, for the whole graph. */
  readonly edition?: string | null
  readonly endUserId?: string | undefined
  /** 0 for what is no operation, 1 by default. */
  readonly operations?: 0 | 1
  /** 1 for an operation that was admitted: only those count against quotas. */
  readonly calls: 0 | 1
  readonly cost: number
  readonly failed: boolean
  readonly outcome: UsageOutcome
  /** The code of its first error. */
  readonly code?: string | null | undefined
  /** What it used of the graph; left out where it was refused before that was known. */
  readonly uses?: OperationCoordinates | undefined
  readonly events?: number
  readonly latencyMs?: number | undefined
}

export interface UsageRecorder {
  /** Counts in memory only, so that metering does not slow the request. */
  record(usage: Usage): void
  /** Sends what is left; called at shutdown. */
  close(): Promise<void>
}

/** Thrown by `send` for a batch that billing will never take. */
export class UsageBatchRefused extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'UsageBatchRefused'
  }
}

const flushEveryMs = 2_000
/** Coordinates and end users are many more rows than apps, and nobody waits for them: sent with each fifth flush. */
const flushesPerDetails = 5
/** Entries of one batch, which billing adds in one transaction. */
const batchEntries = 500
/** Batches that may wait. While there are more, usage stays where it is counted, which is bounded, and is not cut. */
const waitingBatches = 50

/**
 * Collects usage and hands it to billing in batches. A batch keeps its id until it has arrived, so that a retry after a
 * lost answer counts nothing twice. While billing is out of reach nothing is dropped.
 */
export function createUsageRecorder(options: {
  readonly send: (batchId: string, batch: UsageBatch) => Promise<void>
  readonly log: Logger
  readonly now: () => Date
}): UsageRecorder {
  const collection = createUsageCollection()
  const waiting: { id: string; batch: UsageBatch }[] = []
  let flushing: Promise<void> | undefined
  let flushes = 0

  async function sendWaiting(): Promise<void> {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      try {
        await options.send(next.id, next.batch)
      } catch (error) {
        if (!(error instanceof UsageBatchRefused)) throw error
        options.log.error({ err: error, dropped: next }, 'billing refuses a usage batch; it is dropped')
      }
      waiting.shift()
    }
  }
  function cut(withDetails: boolean): void {
    if (waiting.length >= waitingBatches) return
    const records = collection.takeRecords()
    const details = withDetails ? collection.takeDetails() : { coordinates: [], endUsers: [] }
    waiting.push(...batchesOf({ records, ...details }).map((batch) => ({ id: v7(), batch })))
  }
  function flush(last = false): Promise<void> {
    flushes += 1
    cut(last || flushes % flushesPerDetails === 0)
    flushing ??= sendWaiting()
      .catch((error: unknown) => options.log.warn({ err: error }, 'usage could not be recorded yet; it is kept'))
      .finally(() => {
        flushing = undefined
      })
    return flushing
  }
  const timer = setInterval(() => void flush(), flushEveryMs)

  return {
    record: (usage) => collection.add(usage, options.now()),
    async close() {
      clearInterval(timer)
      await flushing
      await flush(true)
    },
  }
}

/** Cut so that each is added in a transaction of bounded size. */
function batchesOf({ records, coordinates, endUsers }: UsageBatch): UsageBatch[] {
  const batches: UsageBatch[] = []
  const longest = Math.max(records.length, coordinates.length, endUsers.length)
  for (let from = 0; from < longest; from += batchEntries) {
    const part = <Entry>(entries: readonly Entry[]): readonly Entry[] => entries.slice(from, from + batchEntries)
    batches.push({ records: part(records), coordinates: part(coordinates), endUsers: part(endUsers) })
  }
  return batches
}
