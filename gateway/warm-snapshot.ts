import type { Logger } from '../kit/log.ts'
import type { DocumentStore } from './operation/document-store.ts'
import type { Pipeline } from './pipeline.ts'
import { createSlices } from './plan/slices.ts'
import type { SupergraphSnapshot } from './plan/supergraph-snapshot.ts'

/** Makes ready on one snapshot what is asked for most on another. */
export type WarmSnapshot = (from: SupergraphSnapshot, to: SupergraphSnapshot) => Promise<void>

/** More than this are left to those who ask for them. */
const mostDocuments = 500
/** However many there are, the swap does not wait longer for them. */
const longestMs = 5_000

/**
 * Parses, validates, filters and plans the documents that are used most on a snapshot before requests begin with it,
 * between requests that are answered on the one before. What is no longer valid is left out: who asks for it is told.
 */
export function createWarming({
  documents,
  carryOver,
  log,
}: Pick<Pipeline, 'carryOver'> & {
  readonly documents: Pick<DocumentStore, 'mostUsed' | 'carryOver'>
  readonly log: Logger
}): WarmSnapshot {
  return async (from, to) => {
    const begunMs = performance.now()
    const slices = createSlices()
    let ready = 0
    const hot = documents.mostUsed(from.apiSchema, mostDocuments)
    for (const used of hot) {
      if (performance.now() - begunMs > longestMs) break
      try {
        const document = documents.carryOver(to.apiSchema, used)
        await carryOver({ snapshot: from, document: used.document }, { snapshot: to, document })
        ready += 1
      } catch (error) {
        log.debug({ err: error }, 'a document is not made ready for the next supergraph')
      }
      const pause = slices()
      if (pause) await pause
    }
    log.debug(
      { ready, of: hot.length, tookMs: performance.now() - begunMs },
      'documents are ready for the next supergraph',
    )
  }
}
