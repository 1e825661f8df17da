/** Says whether a feed may go on. */
export interface Leave {
  /** Why it may not; null while it may. */
  refusal(): Error | null
  /** Calls back when that may have changed. Answers how to stop listening. */
  listen(onChange: () => void): () => void
}

/**
 * The same feed for as long as it may be read: then its reader gets the refusal, even while it waits for the next item,
 * and the feed is let go of.
 */
export function untilRefused<Item>(
  feed: AsyncIterableIterator<Item, undefined>,
  leave: Leave,
): AsyncIterableIterator<Item, undefined> {
  let over = false
  /** What the reader has still to be told. */
  let refusal: Error | null = null
  let waiting: ((refusal: Error) => void) | undefined
  const letGo = (): void => {
    over = true
    stop()
    void feed.return?.()
  }
  const look = (): void => {
    if (over) return
    refusal = leave.refusal()
    if (refusal === null) return
    letGo()
    if (waiting === undefined) return
    waiting(refusal)
    refusal = null
  }
  const stop = leave.listen(look)
  return {
    async next() {
      look()
      if (refusal !== null) {
        const told = refusal
        refusal = null
        throw told
      }
      if (over) return { done: true, value: undefined }
      try {
        // No race of promises: one that lives as long as the feed would keep every item that was raced with it.
        const result = await new Promise<IteratorResult<Item, undefined>>((resolve, reject) => {
          waiting = reject
          feed.next().then(resolve, reject)
        })
        if (result.done) {
          over = true
          stop()
        }
        return result
      } finally {
        waiting = undefined
      }
    },
    async return() {
      if (!over) {
        over = true
        stop()
        await feed.return?.()
      }
      return { done: true, value: undefined }
    },
    async throw(error: unknown) {
      if (!over) letGo()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
