import type { Index } from './collection.ts'
import { tableKey, tables } from './keys.ts'
import type { Unit } from './unit.ts'
import type { View } from './view.ts'

const yes = Buffer.of(1)

/**
 * Remembers that an index has become multikey or hashed. Told in keys of their own, so that a transaction that is the
 * first to store an array does not collide with others over the catalog. In memory the mark may come early, when the
 * unit then fails; that only makes plans more careful.
 */
export function saveIndexTraits(unit: Unit, index: Index, seen: { multikey: boolean; hashed: boolean }): void {
  for (const trait of ['multikey', 'hashed'] as const) {
    if (!seen[trait]) continue
    index[trait] = true
    const key = traitKey(index.table, trait)
    if (unit.view.get(key) === undefined) unit.put(key, yes)
  }
}

export function loadIndexTraits(view: View, table: number): { multikey: boolean; hashed: boolean } {
  return {
    multikey: view.get(traitKey(table, 'multikey')) !== undefined,
    hashed: view.get(traitKey(table, 'hashed')) !== undefined,
  }
}

function traitKey(table: number, trait: 'multikey' | 'hashed'): Buffer {
  return tableKey(tables.meta, Buffer.from(`index ${table} ${trait}`))
}
