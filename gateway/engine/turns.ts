/** Turns of operations that run plans. */
export interface Turns {
  /** Resolves when the operation may run; `leave` must follow. */
  enter(): Promise<void> | undefined
  leave(): void
}

/** Operations that may run at once when nothing is known yet: a burst passes. */
const atFirst = 256
/** Never fewer than this. */
const least = 6
const sampleMs = 25
/** Nobody waits longer than this, whatever the others do: those who run may all wait for one slow subgraph. */
const patienceMs = 150
/** A share of time above which the process has none left, and below which it waits for subgraphs. */
const saturated = 0.97
const idle = 0.9

/**
 * Lets no more operations run at once than keep the process busy. Data of an operation lives until its answer, and
 * where there is no time left, more of them at once make none faster: they only fill the young generation of the heap,
 * which is then copied again and again. The bound falls while the process is saturated and doubles as soon as it waits
 * for subgraphs, so slow subgraphs hold nobody up.
 *
 * `busyShare` tells what share of the time since its last call the process was busy.
 */
export function createTurns(busyShare: () => number): Turns & { close(): void } {
  let most = atFirst
  let running = 0
  const waiting: { readonly since: number; readonly begin: () => void }[] = []
  let timer: NodeJS.Timeout | undefined

  const begin = (count: number): void => {
    for (const { begin: enter } of waiting.splice(0, Math.max(0, count))) {
      running += 1
      enter()
    }
  }
  const release = (): void => begin(most - running)
  const releaseOverdue = (): void => {
    const overdue = performance.now() - patienceMs
    const inTime = waiting.findIndex(({ since }) => since > overdue)
    begin(inTime < 0 ? waiting.length : inTime)
  }
  const sample = (): void => {
    const share = busyShare()
    if (share > saturated) most = Math.max(least, Math.floor(Math.min(most, running + waiting.length) * 0.8))
    else if (share < idle) most = Math.min(atFirst, most * 2) + (waiting.length > 0 ? waiting.length : 0)
    release()
    releaseOverdue()
    if (running > 0 || timer === undefined) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    enter() {
      if (timer === undefined) {
        busyShare()
        timer = setInterval(sample, sampleMs)
        timer.unref()
      }
      if (running < most && waiting.length === 0) {
        running += 1
        return undefined
      }
      return new Promise((resolve) => {
        waiting.push({ since: performance.now(), begin: resolve })
      })
    },
    leave() {
      running -= 1
      release()
    },
    close: () => clearInterval(timer),
  }
}

/** The share of time that this process was busy since the last call. */
export function createBusyShare(): () => number {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}
