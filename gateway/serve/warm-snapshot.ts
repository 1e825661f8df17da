import type { Logger } from '../../kit/log.ts'
import type { DocumentStore, UsedDocument } from '../operation/document-store.ts'
import type { Pipeline } from '../pipeline.ts'
import { createSlices } from '../plan/slices.ts'
import type { SupergraphSnapshot } from '../plan/supergraph-snapshot.ts'

/** Makes ready on one snapshot what is asked for most on another. */
export type WarmSnapshot = (from: SupergraphSnapshot, to: SupergraphSnapshot) => Promise<void>

/** More than this are left to those who ask for them. */
const mostDocuments = 500
/** However many there are, the swap does not wait longer for them. */
const longestMs = 5_000

/**
 * Parses, validates, filters and plans the documents that are used most on a snapshot before requests begin with it,
 * between requests that are answered on the one before; also those of contracts and versions that were asked for, whose
 * schemas are made for it. What is no longer valid is left out: who asks for it is told.
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
    await narrowAsAsked(from, to, log)
    const begunMs = performance.now()
    const slices = createSlices()
    let ready = 0
    const hot = [null, ...from.editionsAsked()]
      .flatMap((edition) => documentsOf(documents, { from, to, edition }))
      .toSorted((a, b) => b.used.uses - a.used.uses)
      .slice(0, mostDocuments)
    for (const { before, after, used } of hot) {
      if (performance.now() - begunMs > longestMs) break
      try {
        const document = documents.carryOver(after.apiSchema, used)
        await carryOver({ snapshot: before, document: used.document }, { snapshot: after, document })
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
    // What was asked for meanwhile: a stream of it goes on only where its schema is.
    await narrowAsAsked(from, to, log)
  }
}

async function narrowAsAsked(from: SupergraphSnapshot, to: SupergraphSnapshot, log: Logger): Promise<void> {
  for (const edition of from.editionsAsked()) {
    try {
      await to.narrow(edition)
    } catch (error) {
      log.error({ err: error, edition }, 'a contract or version is not made ready for the next supergraph')
    }
  }
}

/** The documents that are used most of the whole graph or of one edition, where both snapshots have it. */
function documentsOf(
  documents: Pick<DocumentStore, 'mostUsed'>,
  { from, to, edition }: { from: SupergraphSnapshot; to: SupergraphSnapshot; edition: string | null },
): { readonly before: SupergraphSnapshot; readonly after: SupergraphSnapshot; readonly used: UsedDocument }[] {
  const before = edition === null ? from : from.narrowedTo(edition)
  const after = edition === null ? to : to.narrowedTo(edition)
  if (before === null || after === null) return []
  return documents.mostUsed(before.apiSchema, mostDocuments).map((used) => ({ before, after, used }))
}
