import type { StoredRecord } from '../engine/records.ts'
import type { Doc } from '../query/bson.ts'

/** What is asked of one collection. */
export type Query = {
  readonly filter: Doc
  readonly sort: Doc
  /** 0 is no limit. */
  readonly limit: number
  readonly skip: number
  /** The name or key pattern of the index to use, or `{ $natural: 1 }`. */
  readonly hint?: unknown
}

export type FoundRecord = StoredRecord & { readonly doc: Doc }
