import type { Background } from '../kit/background.ts'
import type { Logger } from '../kit/log.ts'
import type { Lease } from './lease.ts'

/** Batches of one timer in a row, so that a backlog of one does not keep the others waiting. */
const mostBatches = 100

type BoundTimer = Background['timers'][number]

/** Runs each timer until nothing of it is due, or its share of this round is used up. A failure stops only its own. */
export async function runDueTimers(timers: readonly BoundTimer[], log: Logger): Promise<void> {
  for (const timer of timers) {
    try {
      for (let batch = 0; batch < mostBatches && (await timer.run()) > 0; batch += 1);
    } catch (error) {
      log.error({ err: error, timer: timer.name }, 'a timer failed; it is tried again on the next round')
    }
  }
}

/** Runs timers every `everyMs` while this process holds their lease. */
export function startTimers(options: {
  readonly timers: readonly BoundTimer[]
  readonly lease: Lease
  readonly log: Logger
  readonly everyMs: number
}): { close(): Promise<void> } {
  const { timers, lease, log, everyMs } = options
  let round: Promise<void> = Promise.resolve()
  let waiting: NodeJS.Timeout | undefined
  let closed = false

  const tick = async (): Promise<void> => {
    try {
      if (await lease.hold()) await runDueTimers(timers, log)
    } catch (error) {
      log.error({ err: error }, 'the lease of the timers could not be read')
    }
    if (!closed) schedule()
  }
  const schedule = (): void => {
    waiting = setTimeout(() => {
      round = tick()
    }, everyMs).unref()
  }
  if (timers.length > 0) round = tick()
  return {
    async close() {
      closed = true
      clearTimeout(waiting)
      await round
      // A database that is gone keeps the lease until it ends; nothing is lost by that.
      await lease.release().catch((error: unknown) => log.warn({ err: error }, 'the lease of the timers stays'))
    },
  }
}
