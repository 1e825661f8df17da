import { readFileSync } from 'node:fs'

const periodMs = 2

/** The longest stall since the last reset, without the time in which the thread waited for a core. */
export interface OwnStalls {
  longestMs(): number
  reset(): void
}

/**
 * Watches the main thread of this process. On a machine that others use too a thread stands because it is given no
 * core; the kernel tells for how long, and that is nobody's fault here.
 */
export function watchOwnStalls(): OwnStalls {
  let longest = 0
  let last = performance.now()
  let waited = waitedMs()
  setInterval(() => {
    const now = performance.now()
    const nowWaited = waitedMs()
    longest = Math.max(longest, now - last - periodMs - (nowWaited - waited))
    last = now
    waited = nowWaited
  }, periodMs).unref()
  return {
    longestMs: () => longest,
    reset() {
      longest = 0
    },
  }
}

/** Nanoseconds on a core, nanoseconds waiting for one, slices. */
function waitedMs(): number {
  const [, waiting] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')
  return Number(waiting) / 1e6
}
