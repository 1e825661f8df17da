import { SlowReaderError } from './events.ts'

/**
 * A bounded queue between a push source and one `for await` reader. It is an event-driven iterator and no async
 * generator, because a generator that waits in `await` does not run its `finally` when the reader returns.
 */
export function createQueue<Item>(options: { limit: number; onEnd: () => void }): {
  /** Adds an item; when the reader is `limit` items behind, the queue fails with SlowReaderError instead. */
  readonly push: (item: Item) => void
  /** Ends the queue with an error, which the reader gets after what was pushed before. */
  readonly fail: (error: Error) => void
  /** Ends the queue; the reader still gets what was pushed before. */
  readonly end: () => void
  readonly iterator: AsyncIterableIterator<Item, undefined>
} {
  const items: Item[] = []
  let waiting: PromiseWithResolversLike<IteratorResult<Item, undefined>> | undefined
  let ended = false
  let failure: Error | undefined

  const close = (): void => {
    if (ended) return
    ended = true
    options.onEnd()
  }
  const fail = (error: Error): void => {
    if (ended) return
    failure = error
    close()
    if (waiting) {
      waiting.reject(error)
      waiting = undefined
      failure = undefined
    }
  }
  const end = (): void => {
    close()
    waiting?.resolve({ done: true, value: undefined })
    waiting = undefined
  }
  const abandon = (): void => {
    items.length = 0
    failure = undefined
    end()
  }
  return {
    push(item) {
      if (ended) return
      if (waiting) {
        waiting.resolve({ done: false, value: item })
        waiting = undefined
      } else if (items.length >= options.limit) fail(new SlowReaderError(options.limit))
      else items.push(item)
    },
    fail,
    end,
    iterator: {
      next() {
        const item = items.shift()
        if (item !== undefined) return Promise.resolve({ done: false, value: item })
        if (failure) {
          const error = failure
          failure = undefined
          return Promise.reject(error)
        }
        if (ended) return Promise.resolve({ done: true, value: undefined })
        return new Promise((resolve, reject) => {
          waiting = { resolve, reject }
        })
      },
      return() {
        abandon()
        return Promise.resolve({ done: true, value: undefined })
      },
      throw(error: unknown) {
        abandon()
        return Promise.reject(error)
      },
      [Symbol.asyncIterator]() {
        return this
      },
    },
  }
}

interface PromiseWithResolversLike<Value> {
  readonly resolve: (value: Value) => void
  readonly reject: (error: Error) => void
}
