/** Turns of operations that want the process's time. */
export interface Turns {
  /** Begins the work when it is its turn, and ends as the work ends. */
  run<Result>(work: () => Promise<Result>): Promise<Result>
}

/** Operations that may run at once when nothing is known yet: a burst passes. */
const atFirst = 256
/** Never fewer than this. */
const least = 6
const sampleMs = 25
/**
 * Who has run for so long waits for something and not for the process: its place goes to the next, so that a few
 * operations with a slow subgraph never hold up the others.
 */
const placeMs = 100
/** A share of time above which the process has none left, and below which it waits for subgraphs. */
const saturated = 0.9
const idle = 0.75

/**
 * Lets no more operations run at once than keep the process busy. Data of an operation lives until its answer, and
 * where there is no time left, more of them at once make none faster: they only fill the young generation of the heap,
 * which is then copied again and again. The bound falls while the process is saturated and doubles as soon as it waits
 * for subgraphs, so slow subgraphs hold nobody up.
 *
 * Work should make what it needs when it begins. What was made before has grown old while it waited, and the garbage
 * collector keeps all that dead old objects point to until it looks at the old generation.
 *
 * `busyShare` tells what share of the time since its last call the process was busy.
 */
export function createTurns(busyShare: () => number, nowMs: () => number): Turns & { close(): void } {
  let most = atFirst
  /** Operations that hold a place, in the order in which they began, and since when. */
  const places = new Map<object, number>()
  const waiting: (() => void)[] = []
  let timer: NodeJS.Timeout | undefined

  const release = (): void => {
    for (const begin of waiting.splice(0, Math.max(0, most - places.size))) begin()
  }
  const sample = (): void => {
    const share = busyShare()
    const running = places.size
    if (share > saturated) most = Math.max(least, Math.floor(Math.min(most, running + waiting.length) * 0.8))
    else if (share < idle) most = Math.min(atFirst, most * 2)
    const longAgo = nowMs() - placeMs
    for (const [place, since] of places) {
      if (since > longAgo) break
      places.delete(place)
    }
    release()
    if (running > 0 || timer === undefined) return
    clearInterval(timer)
    timer = undefined
  }
  const hold = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const place = {}
    places.set(place, nowMs())
    try {
      return await work()
    } finally {
      if (places.delete(place)) release()
    }
  }

  return {
    run(work) {
      if (timer === undefined) {
        busyShare()
        timer = setInterval(sample, sampleMs)
        timer.unref()
      }
      if (places.size < most && waiting.length === 0) return hold(work)
      return new Promise((resolve) => {
        waiting.push(() => resolve(hold(work)))
      })
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
