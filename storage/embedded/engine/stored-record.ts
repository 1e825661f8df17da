import type { Collection } from './collection.ts'
import { recordKey } from './keys.ts'
import type { View } from './view.ts'

/** A stored value is a stamp that tells versions apart, and then the document. */
const stampBytes = 8

/** A document as it is stored. */
export type StoredRecord = { readonly id: number; readonly bytes: Buffer }

export function readRecord(view: View, collection: Collection, id: number): StoredRecord | undefined {
  const value = view.get(recordKey(collection.table, id))
  return value === undefined ? undefined : { id, bytes: documentOf(value) }
}

/** The document in a stored value. */
export function documentOf(value: Buffer): Buffer {
  return value.subarray(stampBytes)
}
