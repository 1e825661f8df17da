/** The same feed, which calls `onEnd` once, however it ends: exhausted, broken, or left by its reader. */
export function endingFeed<Item>(
  feed: AsyncIterableIterator<Item, undefined>,
  onEnd: () => void,
): AsyncIterableIterator<Item, undefined> {
  let ended = false
  const end = (): void => {
    if (!ended) onEnd()
    ended = true
  }
  return {
    async next() {
      try {
        const result = await feed.next()
        if (result.done) end()
        return result
      } catch (error) {
        end()
        throw error
      }
    },
    async return() {
      end()
      await feed.return?.()
      return { done: true, value: undefined }
    },
    async throw(error: unknown) {
      end()
      await feed.return?.()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
