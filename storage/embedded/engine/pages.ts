import type { Page, PageSource } from './cursors.ts'
import { Operation } from './operation.ts'

/** MongoDB fills a page up to this many bytes, at least one document. */
const pageBytes = 16 * 1024 * 1024

/** Pages through documents that come one by one. */
export function pagesOf(docs: AsyncIterator<Uint8Array>, operation: Operation): PageSource {
  let ahead: Uint8Array | undefined
  let ended = false
  return {
    async next({ batchSize, maxTimeMs }): Promise<Page> {
      operation.resume(maxTimeMs)
      const page: Uint8Array[] = []
      let bytes = 0
      try {
        while (!ended && page.length < batchSize) {
          const doc = ahead ?? (await pull())
          ahead = undefined
          if (doc === undefined) break
          if (page.length > 0 && bytes + doc.length > pageBytes) {
            ahead = doc
            break
          }
          bytes += doc.length
          page.push(doc)
        }
        // Looked one further, so that a cursor that has nothing more closes with its last page.
        if (!ended && ahead === undefined && batchSize > 0) ahead = await pull()
      } finally {
        operation.release()
      }
      return { docs: page, done: ended && ahead === undefined }
    },
    close() {
      operation.release()
      // A generator that is in the middle of its work ends when that reaches its next yield.
      void docs.return?.(undefined)
    },
  }

  async function pull(): Promise<Uint8Array | undefined> {
    const result = await docs.next()
    if (result.done !== true) return result.value
    ended = true
    return undefined
  }
}
