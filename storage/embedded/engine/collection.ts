import type { Binary } from 'bson'
import type { Doc } from '../query/bson.ts'
import type { TextOptions } from './text-index.ts'

/** An index as the catalog keeps it. */
export type Index = {
  readonly name: string
  readonly table: number
  readonly key: Doc
  readonly unique: boolean
  readonly sparse: boolean
  readonly partialFilter?: Doc
  readonly expireAfterSeconds?: number
  readonly hidden?: boolean
  /** What was asked of an index of the kind 2d: between what its coordinates lie, and how fine it is. */
  readonly geoOptions?: { readonly min?: number; readonly max?: number; readonly bits?: number }
  readonly textOptions?: TextOptions
  /** Some document has more than one entry. Never turned back: it only limits what the planner may conclude. */
  multikey: boolean
  /** Dropped, alone or with its collection: its entries go, and a scan that is under way must not go on. */
  dropped: boolean
  /** Some key was too long and ends in a hash, so that the index does not tell order. */
  hashed: boolean
}

/** A collection as the catalog keeps it. */
export type Collection = {
  readonly db: string
  readonly name: string
  readonly table: number
  readonly uuid: Binary
  readonly options: Doc
  readonly indexes: readonly Index[]
  /** The next record id; in memory only, found from the last record. */
  nextRecordId: number
}

export function namespaceOf(collection: { db: string; name: string }): string {
  return `${collection.db}.${collection.name}`
}
