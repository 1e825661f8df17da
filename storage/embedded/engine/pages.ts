import type { Page, PageSource } from './cursors.ts'
import { Operation } from './operation.ts'

/** MongoDB fills a page up to this many bytes, at least one document. */
const pageBytes = 16 * 1024 * 1024

type Source<T> = { readonly batches: AsyncIterator<readonly T[]>; readonly encode: (item: T) => Uint8Array }

/** Pages through documents that come in batches. */
export function pagesOf<T>({ batches, encode }: Source<T>, operation: Operation): PageSource {
  let batch: readonly T[] = []
  let ahead: Uint8Array | undefined
  let place = 0
  let ended = false
  return {
    async next({ batchSize, maxTimeMs }): Promise<Page> {
      operation.resume(maxTimeMs)
      const page: Uint8Array[] = []
      let bytes = 0
      try {
        while (page.length < batchSize && (place < batch.length || (await holdsMore()))) {
          ahead ??= encode(batch[place] as T)
          if (page.length > 0 && bytes + ahead.length > pageBytes) break
          bytes += ahead.length
          page.push(ahead)
          ahead = undefined
          place++
        }
        // Looked one further, so that a cursor that has nothing more closes with its last page.
        const done = batchSize > 0 && !(await holdsMore())
        return { docs: page, done }
      } finally {
        operation.release()
      }
    },
    close() {
      operation.release()
      // A generator that is in the middle of its work ends when that reaches its next yield.
      void batches.return?.(undefined)
    },
  }

  async function holdsMore(): Promise<boolean> {
    while (place === batch.length && !ended) {
      const result = await batches.next()
      if (result.done === true) ended = true
      else [batch, place] = [result.value, 0]
    }
    return place < batch.length
  }
}
