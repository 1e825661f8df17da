import { randomBytes } from 'node:crypto'
import { Binary } from 'bson'
import { CommandError } from '../errors.ts'
import { readDoc, writeDoc, type Doc } from '../query/bson.ts'
import { namespaceOf, type Collection, type Index } from './collection.ts'
import { loadIndexTraits } from './index-traits.ts'
import type { IndexSpec } from './index-spec.ts'
import { decodeRecordId, tableKey, tableRange, tables } from './keys.ts'
import type { View } from './view.ts'

const nextTableKey = tableKey(tables.meta, Buffer.from('next table'))

/** The collections and indexes that exist. Changes are made by the writer and taken over here once they are visible. */
export class Catalog {
  /** Replaced, never changed, so that a transaction can keep the one it began with. */
  private collections: ReadonlyMap<string, Collection>
  private nextTable: number

  constructor(view: View) {
    this.nextTable = view.get(nextTableKey)?.readUInt32BE(0) ?? tables.firstUser
    const collections = new Map<string, Collection>()
    for (const { value } of view.range(tableRange(tables.catalog))) {
      const collection = decodeCollection(readDoc(value), view)
      collections.set(namespaceOf(collection), collection)
    }
    this.collections = collections
  }

  snapshot(): ReadonlyMap<string, Collection> {
    return this.collections
  }

  find(db: string, name: string): Collection | undefined {
    return this.collections.get(`${db}.${name}`)
  }

  all(): Collection[] {
    return [...this.collections.values()]
  }

  inDatabase(db: string): Collection[] {
    return this.all().filter((collection) => collection.db === db)
  }

  /** Whether the collection is still there, unchanged; DDL replaces the object. */
  holds(collection: Collection): boolean {
    return this.collections.get(namespaceOf(collection)) === collection
  }

  /** A new collection with its index on _id; it exists once {@link adopt} was called. */
  design(db: string, name: string, options: Doc): Collection {
    checkNamespace(db, name)
    return {
      db,
      name,
      table: this.nextTable++,
      uuid: new Binary(randomBytes(16), Binary.SUBTYPE_UUID),
      options,
      indexes: [this.designIndex({ name: '_id_', key: { _id: 1 }, unique: true, sparse: false })],
      nextRecordId: 1,
    }
  }

  designIndex(spec: IndexSpec): Index {
    return { ...spec, table: this.nextTable++, multikey: false, hashed: false, dropped: false }
  }

  adopt(collection: Collection): void {
    this.collections = new Map(this.collections).set(namespaceOf(collection), collection)
  }

  forget(collection: Collection): void {
    const collections = new Map(this.collections)
    collections.delete(namespaceOf(collection))
    this.collections = collections
  }

  /** What storing the collection writes. */
  entriesFor(collection: Collection): { key: Buffer; value: Buffer }[] {
    return [
      { key: catalogKey(collection), value: Buffer.from(writeDoc(encodeCollection(collection))) },
      this.numbering(),
    ]
  }

  /** Must be stored before a new table's number is written to, or a crash would give the number out again. */
  numbering(): { key: Buffer; value: Buffer } {
    const value = Buffer.alloc(4)
    value.writeUInt32BE(this.nextTable)
    return { key: nextTableKey, value }
  }
}

export function catalogKey(collection: Collection): Buffer {
  return tableKey(tables.catalog, Buffer.from(`${collection.db}\0${collection.name}`))
}

function encodeCollection({ db, name, table, uuid, options, indexes }: Collection): Doc {
  const stored = indexes.map(({ multikey: _multikey, hashed: _hashed, dropped: _dropped, ...index }) => index)
  return { db, name, table, uuid, options, indexes: stored }
}

function decodeCollection(doc: Doc, view: View): Collection {
  const table = Number(doc['table'])
  return {
    db: doc['db'] as string,
    name: doc['name'] as string,
    table,
    uuid: doc['uuid'] as Binary,
    options: doc['options'] as Doc,
    indexes: (doc['indexes'] as Doc[]).map((index) => decodeIndex(index, view)),
    nextRecordId: lastRecordId(view, table) + 1,
  }
}

function decodeIndex(doc: Doc, view: View): Index {
  const { table, expireAfterSeconds, geoOptions, ...rest } = doc
  return {
    ...(rest as Omit<Index, 'table' | 'expireAfterSeconds' | 'geoOptions'>),
    table: Number(table),
    ...(expireAfterSeconds === undefined ? {} : { expireAfterSeconds: Number(expireAfterSeconds) }),
    ...(geoOptions === undefined ? {} : { geoOptions: numbersOf(geoOptions as Doc) }),
    ...loadIndexTraits(view, Number(table)),
    dropped: false,
  }
}

function numbersOf(options: Doc): { [option: string]: number } {
  return Object.fromEntries(Object.entries(options).map(([option, value]) => [option, Number(value)]))
}

function lastRecordId(view: View, table: number): number {
  for (const { key } of view.range(tableRange(table), true)) return decodeRecordId(key.subarray(4))
  return 0
}

function checkNamespace(db: string, name: string): void {
  checkDatabase(db)
  if (name === '' || name.includes('$') || name.includes('\0') || name.startsWith('.') || name.endsWith('.')) {
    throw new CommandError('InvalidNamespace', `Invalid collection name: '${name}'`)
  }
  if (Buffer.byteLength(db) + Buffer.byteLength(name) > 254) {
    throw new CommandError('InvalidNamespace', `the namespace ${db}.${name} is longer than 255 bytes`)
  }
}

export function checkDatabase(db: string): void {
  if (db === '' || Buffer.byteLength(db) > 63 || /[/\\. "$\0]/.test(db)) {
    throw new CommandError('InvalidNamespace', `Invalid database name: '${db}'`)
  }
}
