import { setTimeout as pause } from 'node:timers/promises'
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
/** Nor for the schemas of contracts; one that is not made by then is made for whoever asks for it first. */
const longestForContractsMs = 5_000

/**
 * Parses, validates, filters and plans the documents that are used most on a snapshot before requests begin with it,
 * between requests that are answered on the one before; also those of contracts and versions that were asked for, whose
 * schemas are made for it. What is no longer valid is left out: who asks for it is told.
 */
export function createWarming({
  documents,
  carryOver,
  log,
  contractsMs = longestForContractsMs,
}: Pick<Pipeline, 'carryOver'> & {
  readonly documents: Pick<DocumentStore, 'mostUsed' | 'carryOver'>
  readonly log: Logger
  readonly contractsMs?: number
}): WarmSnapshot {
  return async (from, to) => {
    const unmade = new Set<string>()
    await narrowAsAsked({ from, to, unmade, longestMs: contractsMs, log })
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
      const turn = slices()
      if (turn) await turn
    }
    log.debug(
      { ready, of: hot.length, tookMs: performance.now() - begunMs },
      'documents are ready for the next supergraph',
    )
    // What was asked for meanwhile: a stream of it goes on only where its schema is.
    await narrowAsAsked({ from, to, unmade, longestMs: contractsMs, log })
  }
}

/**
 * Makes the schemas that were asked for, each by itself: one that cannot be made, or not in time, is told of, once, and
 * holds up neither the others nor the swap.
 */
async function narrowAsAsked({
  from,
  to,
  unmade,
  longestMs: longest,
  log,
}: {
  readonly from: SupergraphSnapshot
  readonly to: SupergraphSnapshot
  /** Those that were told of. */
  readonly unmade: Set<string>
  readonly longestMs: number
  readonly log: Logger
}): Promise<void> {
  const tell = (edition: string, level: 'warn' | 'error', facts: object, message: string): void => {
    if (!unmade.has(edition)) log[level]({ ...facts, edition }, message)
    unmade.add(edition)
  }
  const ended = new AbortController()
  const late = pause(longest, true, { signal: ended.signal }).catch(() => false)
  const making = [...from.editionsAsked()].map(async (edition) => {
    try {
      await to.narrow(edition)
    } catch (error) {
      tell(edition, 'error', { err: error }, 'a contract or version cannot be made for the next supergraph')
    }
  })
  const isLate = await Promise.race([late, Promise.all(making).then(() => false)])
  ended.abort()
  if (!isLate) return
  for (const edition of from.editionsAsked()) {
    // One that has no schema there is none to wait for.
    if (to.narrowedTo(edition) || !to.hasEdition(edition)) continue
    tell(
      edition,
      'warn',
      {},
      'a contract or version is made for the next supergraph when it is asked for: it took too long',
    )
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
