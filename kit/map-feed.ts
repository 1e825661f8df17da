/** Maps and filters (undefined: skip) a feed; returning from the result returns from the source at once. */
export function mapFeed<In, Out>(
  source: AsyncIterator<In, undefined>,
  map: (item: In) => Out | undefined | Promise<Out | undefined>,
): AsyncIterableIterator<Out, undefined> {
  return {
    async next() {
      for (;;) {
        const result = await source.next()
        if (result.done) return result
        const value = await map(result.value)
        if (value !== undefined) return { done: false, value }
      }
    },
    async return() {
      await source.return?.()
      return { done: true, value: undefined }
    },
    async throw(error: unknown) {
      await source.return?.()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
