const betweenCausesMs = 100

/**
 * Waits for something live while causing it again and again: no protocol says when a subscription has begun, so one
 * cause might come too early.
 */
export async function whileRepeating<Result>(awaited: Promise<Result>, cause: () => Promise<unknown>): Promise<Result> {
  const state = { settled: false }
  const done = awaited.finally(() => {
    state.settled = true
  })
  const causing = async (): Promise<void> => {
    while (!state.settled) {
      await cause()
      await Promise.race([done.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, betweenCausesMs))])
    }
  }
  const [result] = await Promise.all([done, causing()])
  return result
}
