import { SlowReaderError } from './events.ts'

/**
 * A bounded queue between a push source and one `for await` reader. It is an event-driven iterator and no async
 * generator, because a generator that waits in `await` does not run its `finally` when the reader returns.
 */
export function createQueue<Item>(options: { limit: number; onEnd: () => void }): {
  readonly push: (item: Item) => void
  readonly fail: (error: Error) => void
  readonly iterator: AsyncIterableIterator<Item, undefined>
} {
  const items: Item[] = []
  let waiting: PromiseWithResolversLike<IteratorResult<Item, undefined>> | undefined
  let ended = false
  let failure: Error | undefined

  const end = (): void => {
    if (ended) return
    ended = true
    options.onEnd()
  }
  const fail = (error: Error): void => {
    if (ended) return
    failure = error
    items.length = 0
    end()
    if (waiting) {
      waiting.reject(error)
      waiting = undefined
      failure = undefined
    }
  }
  const finish = (): IteratorResult<Item, undefined> => {
    items.length = 0
    end()
    waiting?.resolve({ done: true, value: undefined })
    waiting = undefined
    return { done: true, value: undefined }
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
      return: () => Promise.resolve(finish()),
      throw(error: unknown) {
        finish()
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
