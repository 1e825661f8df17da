/** Waits a while, or until the signal is raised: whoever waits looks again why it was woken. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
  })
}

/** How long to wait before the next attempt: twice as long each time, up to five seconds. */
export function backoffMs(failures: number): number {
  return Math.min(5_000, 50 * 2 ** Math.min(failures, 10))
}
