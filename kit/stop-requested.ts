/** Signals this soon after the first are the same wish: a terminal and npm both send Ctrl-C. */
const repeatMs = 1_000

/**
 * Settles when the process is asked to stop: by Ctrl-C, by SIGTERM, or because the process that started it (with an IPC
 * channel) went away or closed the channel, which works on Windows too. Who then asks once more is not kept waiting.
 */
export function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined
    const ask = () => {
      if (first !== undefined && Date.now() - first > repeatMs) process.exit(130)
      first ??= Date.now()
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, ask)
    process.once('disconnect', ask)
    // Listening for `disconnect` would else keep a process alive that has nothing left to do.
    process.channel?.unref()
  })
}
