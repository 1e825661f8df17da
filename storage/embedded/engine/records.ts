import { EJSON, ObjectId } from 'bson'
import { CommandError } from '../errors.ts'
import { writeDoc, type Doc } from '../query/bson.ts'
import { checkStorable } from '../query/check-storable.ts'
import { describeUpdate } from '../oplog/update-description.ts'
import { isNumber } from '../query/value-type.ts'
import { capOf, countCapped, surplus } from './capped.ts'
import { namespaceOf, type Collection, type Index } from './collection.ts'
import { indexKeysOf, isUntouched, type IndexKey, type IndexKeys } from './index-keys.ts'
import { saveIndexTraits } from './index-traits.ts'
import { decodeRecordId, encodeRecordId, recordKey } from './keys.ts'
import type { Unit } from './unit.ts'
import type { StoredRecord } from './stored-record.ts'

/** MongoDB's limit for a stored document. */
export const largestDocumentBytes = 16 * 1024 * 1024

/** What a write adds to its event: the session that made it. */
export type Origin = { readonly lsid?: Doc; readonly txnNumber?: unknown }

export function insertRecord(unit: Unit, collection: Collection, doc: Doc, origin: Origin): void {
  const bytes = encodeDocument(doc)
  const id = collection.nextRecordId++
  for (const index of collection.indexes) {
    const added = indexKeysOf(index, doc, id)
    for (const key of added.keys) addKey(unit, { collection, index, key, id })
    saveIndexTraits(unit, index, added)
  }
  unit.put(recordKey(collection.table, id), Buffer.concat([unit.stamp(), bytes]))
  unit.log({ kind: 'insert', ...target(collection, doc), fullDocument: doc, ...origin })
  if (capOf(collection) === undefined) return
  const inserted = { id, bytes: Buffer.from(bytes) }
  countCapped(unit, collection, { documents: 1, bytes: bytes.length })
  for (const oldest of surplus(unit, collection, inserted)) deleteRecord(unit, { collection, ...oldest }, origin)
}

/** Writes `after` over a record; `replacing` tells change streams that it was no update by operators. */
export function updateRecord(
  unit: Unit,
  {
    collection,
    record,
    before,
    after,
    replacing,
  }: { collection: Collection; record: StoredRecord; before: Doc; after: Doc; replacing: boolean },
  origin: Origin,
): boolean {
  const bytes = encodeDocument(after)
  if (Buffer.compare(bytes, record.bytes) === 0) return false
  const key = recordKey(collection.table, record.id)
  unit.claim(key)
  for (const index of collection.indexes) {
    if (isUntouched(index, before, after)) continue
    const old = indexKeysOf(index, before, record.id)
    const next = indexKeysOf(index, after, record.id)
    for (const removed of without(old, next)) removeKey(unit, removed)
    for (const added of without(next, old)) addKey(unit, { collection, index, key: added, id: record.id })
    saveIndexTraits(unit, index, next)
  }
  unit.put(key, Buffer.concat([unit.stamp(), bytes]))
  countCapped(unit, collection, { documents: 0, bytes: bytes.length - record.bytes.length })
  unit.log({
    ...(replacing
      ? { kind: 'replace', fullDocument: after }
      : { kind: 'update', updateDescription: describeUpdate(before, after) }),
    ...target(collection, after),
    ...origin,
  })
  return true
}

export function deleteRecord(
  unit: Unit,
  { collection, record, doc }: { collection: Collection; record: StoredRecord; doc: Doc },
  origin: Origin,
): void {
  const key = recordKey(collection.table, record.id)
  unit.claim(key)
  for (const index of collection.indexes) {
    for (const removed of indexKeysOf(index, doc, record.id).keys) removeKey(unit, removed)
  }
  unit.remove(key)
  countCapped(unit, collection, { documents: -1, bytes: -record.bytes.length })
  unit.log({ kind: 'delete', ...target(collection, doc), ...origin })
}

function encodeDocument(doc: Doc): Uint8Array {
  checkStorable(doc)
  const bytes = writeDoc(doc)
  if (bytes.length > largestDocumentBytes) {
    throw new CommandError(
      'BSONObjectTooLarge',
      `a document of ${bytes.length} bytes is larger than the maximum of ${largestDocumentBytes}`,
    )
  }
  return bytes
}

function target(
  { db, name, uuid }: Collection,
  doc: Doc,
): { db: string; collection: string; uuid: typeof uuid; documentKey: Doc } {
  return { db, collection: name, uuid, documentKey: { _id: doc['_id'] } }
}

function without(keys: IndexKeys, others: IndexKeys): IndexKey[] {
  return keys.keys.filter(({ key }) => !others.keys.some((other) => key.equals(other.key)))
}

type Addition = { collection: Collection; index: Index; key: IndexKey; id: number }

function addKey(unit: Unit, { collection, index, key, id }: Addition): void {
  if (index.unique) {
    unit.claim(key.key)
    const holder = unit.view.get(key.key)
    if (holder !== undefined && decodeRecordId(holder) !== id) throw duplicateKey(collection, index, key)
  }
  unit.put(key.key, encodeRecordId(id))
}

function removeKey(unit: Unit, { key }: IndexKey): void {
  unit.claim(key)
  unit.remove(key)
}

/** The error of a second document with the same key in a unique index. */
export function duplicateKey(collection: Collection, index: Index, { values }: IndexKey): CommandError {
  const keyValue = Object.fromEntries(Object.keys(index.key).map((field, place) => [field, keyValueOf(values[place])]))
  return new CommandError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${namespaceOf(collection)} index: ${index.name} dup key: ${showKey(keyValue)}`,
    { keyPattern: index.key, keyValue },
  )
}

function keyValueOf(value: unknown): unknown {
  return value === undefined || typeof value === 'symbol' ? null : value
}

function showKey(keyValue: Doc): string {
  const fields = Object.entries(keyValue).map(([field, value]) => `${field}: ${showValue(value)}`)
  return `{ ${fields.join(', ')} }`
}

function showValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Date) return `new Date(${value.getTime()})`
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`
  if (isNumber(value)) return (value as { toString(): string }).toString()
  return EJSON.stringify(value)
}
