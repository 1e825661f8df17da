import type { StoredRecord } from '../engine/stored-record.ts'
import type { Doc } from '../query/bson.ts'
import type { QueryFilter } from './query-filter.ts'

/** What is asked of one collection. */
export type Query = {
  readonly filter: QueryFilter
  readonly sort: Doc
  /** 0 is no limit. */
  readonly limit: number
  readonly skip: number
  /** The name or key pattern of the index to use, or `{ $natural: 1 }`. */
  readonly hint?: unknown
}

/** A record that matched; its document is decoded when it is first asked for. */
export type FoundRecord = StoredRecord & { readonly doc: Doc }

/** Found records, some at a time: a step of an async generator for each one would cost more than finding it. */
export type FoundBatches = AsyncGenerator<readonly FoundRecord[]>
