import { v7 } from 'uuid'
import type { Logger } from '../../kit/log.ts'

/** What one operation adds to its app's usage. */
export interface Usage {
  readonly appId: string
  /** 1 for an operation that was admitted: only those count against quotas. */
  readonly calls: 0 | 1
  readonly cost: number
  readonly failed: boolean
}

/** Usage of one app in one hour, as billing takes it. */
export interface UsageRecord {
  readonly appId: string
  /** The beginning of the hour, ISO 8601 in UTC. */
  readonly hour: string
  calls: number
  cost: number
  errors: number
}

export interface UsageRecorder {
  /** Counts in memory only, so that metering does not slow the request. */
  record(usage: Usage): void
  /** Sends what is left; called at shutdown. */
  close(): Promise<void>
}

const flushEveryMs = 2_000
/** Apps and hours that may wait while billing cannot be reached; beyond it the oldest batch is dropped and logged. */
const waitingBatches = 1_000

/**
 * Collects usage per app and hour and hands it to billing in batches. A batch keeps its id until it has arrived, so
 * that a retry after a lost answer counts nothing twice.
 */
export function createUsageRecorder(options: {
  readonly send: (batchId: string, records: readonly UsageRecord[]) => Promise<void>
  readonly log: Logger
  readonly now: () => Date
}): UsageRecorder {
  let current = new Map<string, UsageRecord>()
  const waiting: { id: string; records: readonly UsageRecord[] }[] = []
  let flushing: Promise<void> | undefined

  async function sendWaiting(): Promise<void> {
    for (let batch = waiting[0]; batch !== undefined; batch = waiting[0]) {
      await options.send(batch.id, batch.records)
      waiting.shift()
    }
  }
  function flush(): Promise<void> {
    if (current.size > 0) {
      waiting.push({ id: v7(), records: [...current.values()] })
      current = new Map()
      if (waiting.length > waitingBatches) {
        options.log.error(
          { dropped: waiting.shift() },
          'billing is out of reach for too long; a usage batch is dropped',
        )
      }
    }
    flushing ??= sendWaiting()
      .catch((error: unknown) => options.log.warn({ err: error }, 'usage could not be recorded yet; it is kept'))
      .finally(() => {
        flushing = undefined
      })
    return flushing
  }
  const timer = setInterval(() => void flush(), flushEveryMs)

  return {
    record({ appId, calls, cost, failed }) {
      const hour = `${options.now().toISOString().slice(0, 13)}:00:00.000Z`
      const key = `${appId} ${hour}`
      const record = current.get(key) ?? { appId, hour, calls: 0, cost: 0, errors: 0 }
      record.calls += calls
      record.cost += cost
      record.errors += failed ? 1 : 0
      current.set(key, record)
    },
    async close() {
      clearInterval(timer)
      await flushing
      await flush()
    },
  }
}
