const firstMs = 50
const mostMs = 2_000

/** How long to wait before the next attempt: twice as long each time, up to a bound, half of it by chance. */
export function backoffMs(failures: number): number {
  const whole = Math.min(mostMs, firstMs * 2 ** failures)
  return whole / 2 + (Math.random() * whole) / 2
}

/** Waits, or less long when it is not worth waiting any more. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
