import type { KeyRange } from './keys.ts'

export type Entry = { readonly key: Buffer; readonly value: Buffer }

/** Something to read keys from: what is committed, a snapshot, or either with writes of one's own above it. */
export type View = {
  get(key: Buffer): Buffer | undefined
  /** Entries in key order, or backwards. The iterator must be run to its end or returned. */
  range(range: KeyRange, reverse?: boolean): IterableIterator<Entry>
}
