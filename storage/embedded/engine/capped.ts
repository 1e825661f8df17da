import { CommandError, unsupported } from '../errors.ts'
import { readDoc, type Doc } from '../query/bson.ts'
import { doubleArgument, integerArgument } from '../query/integer-argument.ts'
import type { Collection } from './collection.ts'
import { decodeRecordId, tableKey, tableRange, tables } from './keys.ts'
import { documentOf, type StoredRecord } from './stored-record.ts'
import type { Unit } from './unit.ts'

/** Sizes are multiples of this many bytes. */
const sizeStep = 256

/** How many bytes and documents the collection may hold; undefined when it is not capped. */
export type Cap = { readonly bytes: number; readonly documents: number }

const caps = new WeakMap<Collection, Cap>()

export function capOf(collection: Collection): Cap | undefined {
  if (collection.options['capped'] !== true) return undefined
  let cap = caps.get(collection)
  if (cap === undefined) {
    const { size, max } = collection.options
    cap = { bytes: doubleArgument(size) ?? 0, documents: doubleArgument(max) ?? Number.POSITIVE_INFINITY }
    caps.set(collection, cap)
  }
  return cap
}

/** Reads `capped`, `size` and `max` of the create command, as the collection keeps them. */
export function readCappedOptions({ capped, size, max }: Doc): Doc {
  if (capped !== true && !doubleArgument(capped)) {
    if (size === undefined && max === undefined) return {}
    throw new CommandError(
      'InvalidOptions',
      `the 'capped' field needs to be true when either the 'size' or 'max' fields are present`,
    )
  }
  if (size === undefined) throw new CommandError('InvalidOptions', "the 'size' field is required when 'capped' is true")
  const bytes = integerArgument(size)
  const documents = max === undefined ? 0 : integerArgument(max)
  if (bytes === undefined || bytes < 1 || bytes > 2 ** 50) {
    throw new CommandError('BadValue', "BSON field 'size' must be a whole number of bytes from 1 to 1 PB")
  }
  if (documents === undefined || documents >= 2 ** 31) {
    throw new CommandError('BadValue', 'max in a capped collection has to be < 2^31 or not set')
  }
  return {
    capped: true,
    size: Math.ceil(bytes / sizeStep) * sizeStep,
    ...(documents > 0 ? { max: documents } : {}),
  }
}

/** Keeps count of what a capped collection holds, in the unit that changes it. */
export function countCapped(unit: Unit, collection: Collection, change: { documents: number; bytes: number }): void {
  if (capOf(collection) === undefined) return
  const held = heldBy(unit, collection)
  const value = Buffer.alloc(16)
  value.writeDoubleBE(held.documents + change.documents, 0)
  value.writeDoubleBE(held.bytes + change.bytes, 8)
  unit.put(countKey(collection), value)
}

/** The oldest records, as many as have to go after an insertion; never the new one. */
export function surplus(
  unit: Unit,
  collection: Collection,
  inserted: StoredRecord,
): { record: StoredRecord; doc: Doc }[] {
  const cap = capOf(collection)
  if (cap === undefined) return []
  if (inserted.bytes.length > cap.bytes) {
    throw unsupported('BadValue', 'a document that is larger than its capped collection')
  }
  let { documents, bytes } = heldBy(unit, collection)
  const found: { record: StoredRecord; doc: Doc }[] = []
  if (documents <= cap.documents && bytes <= cap.bytes) return found
  for (const { key, value } of unit.view.range(tableRange(collection.table))) {
    const record = { id: decodeRecordId(key.subarray(4)), bytes: documentOf(value) }
    if (record.id === inserted.id || (documents <= cap.documents && bytes <= cap.bytes)) break
    documents--
    bytes -= record.bytes.length
    found.push({ record, doc: readDoc(record.bytes) })
  }
  return found
}

/** Of a collection that is dropped. */
export function forgetCount(unit: Unit, collection: Collection): void {
  if (capOf(collection) !== undefined) unit.remove(countKey(collection))
}

function heldBy({ view }: Unit, collection: Collection): { documents: number; bytes: number } {
  const value = view.get(countKey(collection))
  return value === undefined
    ? { documents: 0, bytes: 0 }
    : { documents: value.readDoubleBE(0), bytes: value.readDoubleBE(8) }
}

function countKey({ table }: Collection): Buffer {
  return tableKey(tables.meta, Buffer.from(`capped ${table}`))
}
