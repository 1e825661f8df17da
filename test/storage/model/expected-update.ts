import type { Document } from 'bson'
import { modelMatches } from '../query/filter-model.ts'
import { spell } from './spell.ts'
import { Refused, Unspecified } from './unspecified.ts'
import { modelUpdate, readUpdate, type Request } from './update-model.ts'
import { modelUpsert } from './upsert-model.ts'

/** What the model expects of an update of one document; `open` where more than one answer is right. */
export type Expected =
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly codes: ReadonlySet<number> }
  | { readonly kind: 'done'; readonly doc: Document; readonly changed: boolean | undefined }

/** One document with an update of it, or an update that inserts one by `upsert`. */
export type Case = { readonly doc: Document; readonly request: Request; readonly upsert: boolean }

export function expectedOf({ doc, request, upsert }: Case): Expected {
  try {
    if (upsert) return { kind: 'done', doc: modelUpsert(request), changed: false }
    // What is wrong whatever the document is refused, found or not.
    if (!modelMatches(doc, request.filter)) {
      readUpdate(request)
      return { kind: 'done', doc, changed: false }
    }
    const after = modelUpdate(doc, request)
    return { kind: 'done', doc: after, changed: hasChanged(doc, after, request) }
  } catch (error) {
    if (error instanceof Unspecified) return { kind: 'open' }
    if (error instanceof Refused) return { kind: 'refused', codes: error.codes }
    throw error
  }
}

/** Undefined where the server's code takes an equal result for a change: a push always, and NaN in place of NaN. */
function hasChanged(before: Document, after: Document, { update }: Request): boolean | undefined {
  if (spell(before) !== spell(after)) return true
  return '$push' in update || spell(before).includes('NaN') ? undefined : false
}
