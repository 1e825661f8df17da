import { createQueue } from './event-queue.ts'

/**
 * The same feed with a null after each interval, so that its reader can tell one in which nothing happens from one that
 * is cut. A reader that is `limit` items behind gets SlowReaderError.
 */
export function withSignsOfLife<Item>(
  feed: AsyncIterableIterator<Item, undefined>,
  { everyMs, limit }: { readonly everyMs: number; readonly limit: number },
): AsyncIterableIterator<Item | null, undefined> {
  const queue = createQueue<Item | null>({
    limit,
    onEnd() {
      clearInterval(timer)
      void feed.return?.()
    },
  })
  const timer = setInterval(() => queue.push(null), everyMs)
  const pump = async (): Promise<void> => {
    try {
      for await (const item of feed) queue.push(item)
      queue.end()
    } catch (error) {
      queue.fail(error instanceof Error ? error : new Error('a feed failed', { cause: error }))
    }
  }
  void pump()
  return queue.iterator
}
