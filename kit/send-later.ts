import type { Logger } from './log.ts'

/** Things that wait to be told to somebody else, and are sent together. */
export interface SendLater<Item> {
  /** Takes one to be sent; false when too many wait already. */
  add(item: Item): boolean
  /** Sends what waits; called at shutdown. */
  close(): Promise<void>
}

/** Items that are sent at once. */
const sentAtOnce = 100

/**
 * Keeps things in memory and sends them every so often, in order. What could not be sent waits for the next time, so
 * each is sent once or more.
 */
export function createSendLater<Item>(options: {
  readonly send: (items: readonly Item[]) => Promise<void>
  readonly everyMs: number
  /** More than so many do not wait. */
  readonly mostWaiting: number
  readonly log: Logger
  /** What the log says when they could not be sent. */
  readonly complaint: string
}): SendLater<Item> {
  const waiting: Item[] = []
  let sending: Promise<void> | undefined

  async function sendWaiting(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, sentAtOnce)
      await options.send(batch)
      waiting.splice(0, batch.length)
    }
  }
  function flush(): Promise<void> {
    sending ??= sendWaiting()
      .catch((error: unknown) => options.log.warn({ err: error }, options.complaint))
      .finally(() => {
        sending = undefined
      })
    return sending
  }
  const timer = setInterval(() => {
    if (waiting.length > 0) void flush()
  }, options.everyMs)
  timer.unref()

  return {
    add(item) {
      if (waiting.length >= options.mostWaiting) return false
      waiting.push(item)
      return true
    },
    async close() {
      clearInterval(timer)
      await sending
      await flush()
    },
  }
}
