import { compileFilter } from '../query/compile-filter.ts'
import { encodeKey, indexEntries, longestKeyBytes } from '../query/encode-key.ts'
import type { Doc } from '../query/bson.ts'
import { fieldOf } from '../query/field-path.ts'
import type { Index } from './collection.ts'
import { encodeRecordId, tableKey } from './keys.ts'
import { checkSpecialIndex, specialKind } from './special-index.ts'

export type IndexKey = {
  readonly key: Buffer
  /** The values, in the order of the pattern's fields. */
  readonly values: readonly unknown[]
}

export type IndexKeys = { readonly keys: readonly IndexKey[]; readonly multikey: boolean; readonly hashed: boolean }

const partialTests = new WeakMap<Index, (doc: Doc) => boolean>()
const none: IndexKeys = { keys: [], multikey: false, hashed: false }

/** The directions of a key pattern. */
export function directionsOf(pattern: Doc): (1 | -1)[] {
  return Object.values(pattern).map((direction) => (Number(direction) < 0 ? -1 : 1))
}

/** What a document contributes to an index, each key once. */
export function indexKeysOf(index: Index, doc: Doc, recordId: number): IndexKeys {
  if (index.partialFilter !== undefined && !partialTest(index)(doc)) return none
  if (specialKind(index.key) !== undefined) {
    checkSpecialIndex(index, doc)
    return none
  }
  const directions = directionsOf(index.key)
  const entries = indexEntries(doc, index.key)
  const keys = new Map<string, IndexKey>()
  let hashed = false
  for (const values of entries) {
    if (index.sparse && values.every((value) => value === undefined)) continue
    const encoded = encodeKey(values, directions)
    hashed ||= encoded.length >= longestKeyBytes
    // A unique index has one record a key, so that finding the key finds the conflict.
    const key = index.unique ? tableKey(index.table, encoded) : tableKey(index.table, encoded, encodeRecordId(recordId))
    keys.set(key.toString('latin1'), { key, values })
  }
  return { keys: [...keys.values()], multikey: entries.length > 1 || hasArray(index, doc), hashed }
}

/**
 * Whether an update left alone all that the index is made of. Updates copy what they change and keep the rest, so that
 * the same value in a field means that nothing below it changed.
 */
export function isUntouched(index: Index, before: Doc, after: Doc): boolean {
  let roots = rootsOfIndex.get(index)
  if (roots === undefined) {
    // What a partial index's filter looks at may be anything.
    roots =
      index.partialFilter === undefined ? Object.keys(index.key).map((path) => path.split('.')[0] as string) : null
    rootsOfIndex.set(index, roots)
  }
  return roots !== null && roots.every((root) => fieldOf(before, root) === fieldOf(after, root))
}

const rootsOfIndex = new WeakMap<Index, string[] | null>()

function partialTest(index: Index): (doc: Doc) => boolean {
  let test = partialTests.get(index)
  if (test === undefined) {
    test = compileFilter(index.partialFilter as Doc)
    partialTests.set(index, test)
  }
  return test
}

/** An array of one element has one entry as well, and still must not be taken for the element. */
function hasArray(index: Index, doc: Doc): boolean {
  for (const path of Object.keys(index.key)) {
    let value: unknown = doc
    for (const part of path.split('.')) {
      if (Array.isArray(value)) return true
      if (typeof value !== 'object' || value === null) break
      value = Object.hasOwn(value, part) ? (value as Doc)[part] : undefined
    }
    if (Array.isArray(value)) return true
  }
  return false
}
