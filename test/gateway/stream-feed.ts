import type { OpenStream, StreamEvent, StreamReader } from '../../gateway/streams/stream-reader.ts'

/** A stream as a feed, for readers that ask for each event: what they have not asked for waits in the hub. */
export function createStreamFeed(stream: OpenStream): AsyncIterableIterator<StreamEvent, undefined> {
  let reader: StreamReader | undefined
  let next: StreamEvent | undefined
  let waiting: { resolve(result: IteratorResult<StreamEvent, undefined>): void; reject(error: Error): void } | undefined
  let over = false
  let failure: Error | null = null

  const begin = (): StreamReader =>
    stream.read({
      send(event) {
        if (waiting === undefined) next = event
        else waiting.resolve({ done: false, value: event })
        waiting = undefined
        return false
      },
      end(reason) {
        over = true
        failure = reason
        if (waiting === undefined) return
        if (reason) waiting.reject(reason)
        else waiting.resolve({ done: true, value: undefined })
        waiting = undefined
        failure = null
      },
    })
  const leave = (): void => {
    if (reader) reader.close()
    else if (!over) stream.close()
    over = true
    next = undefined
    failure = null
    waiting?.resolve({ done: true, value: undefined })
    waiting = undefined
  }
  return {
    next() {
      return new Promise((resolve, reject) => {
        const event = next
        next = undefined
        if (event !== undefined) return resolve({ done: false, value: event })
        if (over) {
          const told = failure
          failure = null
          return told ? reject(told) : resolve({ done: true, value: undefined })
        }
        waiting = { resolve, reject }
        if (reader === undefined) reader = begin()
        else reader.drained()
      })
    },
    return() {
      leave()
      return Promise.resolve({ done: true, value: undefined })
    },
    throw(error: unknown) {
      leave()
      return Promise.reject(error)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
