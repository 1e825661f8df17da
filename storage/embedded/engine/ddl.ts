import { setImmediate } from 'node:timers/promises'
import { CommandError } from '../errors.ts'
import type { Change } from '../oplog/change.ts'
import { readDoc, writeDoc, type Doc } from '../query/bson.ts'
import { forgetCount } from './capped.ts'
import { catalogKey, type Catalog } from './catalog.ts'
import { namespaceOf, type Collection, type Index } from './collection.ts'
import type { Environment } from './environment.ts'
import { indexKeysOf } from './index-keys.ts'
import { describeIndex, sameIndex, type IndexSpec } from './index-spec.ts'
import { saveIndexTraits } from './index-traits.ts'
import { decodeRecordId, encodeRecordId, keyAfter, tableKey, tableRange } from './keys.ts'
import { markGarbage } from './garbage.ts'
import { duplicateKey } from './records.ts'
import { documentOf } from './stored-record.ts'
import type { Writer } from './writer.ts'

export type DdlParts = {
  catalog: Catalog
  writer: Writer
  environment: Environment
  /** Told which tables nothing refers to any more. */
  onGarbage(tables: readonly number[]): void
}
type Apply = (job: (unit: Parameters<Parameters<Writer['run']>[0]>[0]) => void) => Promise<void>

/** How many records of an index build go into one commit, with a pause for reads after it. */
const buildStep = 500

/** Creates, changes and drops collections and indexes, each alone between two groups of writes. */
export class Ddl {
  private readonly parts: DdlParts

  constructor(parts: DdlParts) {
    this.parts = parts
  }

  /** The collection, created if it does not exist. */
  async ensure(db: string, name: string): Promise<Collection> {
    return this.parts.catalog.find(db, name) ?? this.create(db, name, { options: {}, mayExist: true })
  }

  /** With the same options a collection may exist already, with others that is NamespaceExists. */
  create(db: string, name: string, { options, mayExist }: { options: Doc; mayExist: boolean }): Promise<Collection> {
    const { catalog, writer } = this.parts
    return writer.exclusive(async (apply) => {
      const existing = catalog.find(db, name)
      if (existing !== undefined) {
        if (mayExist || Buffer.compare(writeDoc(options), writeDoc(existing.options)) === 0) return existing
        throw new CommandError('NamespaceExists', `Collection ${db}.${name} already exists with different options`)
      }
      const collection = catalog.design(db, name, options)
      await this.store(apply, collection, { ...about(collection), kind: 'create' })
      return collection
    })
  }

  async createIndexes(collection: Collection, specs: readonly IndexSpec[]): Promise<{ before: number; after: number }> {
    const { catalog, writer } = this.parts
    return writer.exclusive(async (apply) => {
      const current = catalog.find(collection.db, collection.name)
      if (current === undefined) throw new CommandError('NamespaceNotFound', `${namespaceOf(collection)} was dropped`)
      const added: Index[] = []
      for (const spec of specs) {
        if (sameIndex([...current.indexes, ...added], spec) === undefined) added.push(catalog.designIndex(spec))
      }
      const before = current.indexes.length
      if (added.length === 0) return { before, after: before }
      // Marked as garbage while it is built, so that a crash leaves nothing behind but work for the sweeper.
      await apply((unit) => {
        const { key, value } = catalog.numbering()
        unit.put(key, value)
        markGarbage(unit, tablesOf(added))
      })
      try {
        await this.build(apply, current, added)
      } catch (error) {
        this.parts.onGarbage(tablesOf(added))
        throw error
      }
      const changed: Collection = { ...current, indexes: [...current.indexes, ...added] }
      await this.store(
        apply,
        changed,
        { ...about(changed), kind: 'createIndexes', fullDocument: { indexes: added.map(describeIndex) } },
        added,
      )
      return { before, after: changed.indexes.length }
    })
  }

  async dropIndexes(collection: Collection, dropped: readonly Index[]): Promise<void> {
    const { catalog, writer } = this.parts
    await writer.exclusive(async (apply) => {
      const current = catalog.find(collection.db, collection.name)
      if (current === undefined) return
      const gone = new Set(tablesOf(dropped))
      const changed: Collection = { ...current, indexes: current.indexes.filter(({ table }) => !gone.has(table)) }
      const change: Change = {
        ...about(changed),
        kind: 'dropIndexes',
        fullDocument: { indexes: dropped.map(describeIndex) },
      }
      await apply((unit) => {
        for (const { key, value } of catalog.entriesFor(changed)) unit.put(key, value)
        markGarbage(unit, [...gone])
        unit.log(change)
      })
      catalog.adopt(changed)
      for (const index of dropped) index.dropped = true
      this.parts.onGarbage([...gone])
    })
  }

  /** Hides an index from the planner or shows it, or sets when its documents expire. */
  async changeIndex(
    collection: Collection,
    index: Index,
    change: { hidden?: boolean; expireAfterSeconds?: number },
  ): Promise<void> {
    const { catalog, writer } = this.parts
    await writer.exclusive(async (apply) => {
      const current = catalog.find(collection.db, collection.name)
      if (current?.indexes.some(({ table }) => table === index.table) !== true) {
        throw new CommandError('IndexNotFound', `the index ${index.name} was dropped`)
      }
      const indexes = current.indexes.map((one) => (one.table === index.table ? { ...one, ...change } : one))
      const changed: Collection = { ...current, indexes }
      await apply((unit) => {
        for (const { key, value } of catalog.entriesFor(changed)) unit.put(key, value)
      })
      catalog.adopt(changed)
    })
  }

  /** Sets options of a collection, such as its validator. */
  async changeOptions(collection: Collection, options: Doc): Promise<void> {
    const { catalog, writer } = this.parts
    await writer.exclusive(async (apply) => {
      const current = catalog.find(collection.db, collection.name)
      if (current === undefined) throw new CommandError('NamespaceNotFound', `${namespaceOf(collection)} was dropped`)
      const changed: Collection = { ...current, options: { ...current.options, ...options } }
      await apply((unit) => {
        for (const { key, value } of catalog.entriesFor(changed)) unit.put(key, value)
      })
      catalog.adopt(changed)
    })
  }

  /** Whether there was such a collection. Its data is removed later, in steps. */
  drop(db: string, name: string): Promise<Collection | undefined> {
    const { catalog, writer } = this.parts
    return writer.exclusive(async (apply) => {
      const collection = catalog.find(db, name)
      if (collection === undefined) return undefined
      const tables = [collection.table, ...tablesOf(collection.indexes)]
      await apply((unit) => {
        unit.remove(catalogKey(collection))
        forgetCount(unit, collection)
        markGarbage(unit, tables)
        unit.log({ ...about(collection), kind: 'drop' })
      })
      catalog.forget(collection)
      for (const index of collection.indexes) index.dropped = true
      this.parts.onGarbage(tables)
      return collection
    })
  }

  async dropDatabase(db: string): Promise<boolean> {
    const { catalog, writer } = this.parts
    const collections = catalog.inDatabase(db)
    for (const { name } of collections) await this.drop(db, name)
    if (collections.length === 0) return false
    await writer.run((unit) => unit.log({ kind: 'dropDatabase', db }))
    return true
  }

  private async store(
    apply: Apply,
    collection: Collection,
    change: Change,
    built: readonly Index[] = [],
  ): Promise<void> {
    const { catalog } = this.parts
    await apply((unit) => {
      for (const { key, value } of catalog.entriesFor(collection)) unit.put(key, value)
      markGarbage(unit, tablesOf(built), false)
      unit.log(change)
    })
    catalog.adopt(collection)
  }

  private async build(apply: Apply, collection: Collection, indexes: readonly Index[]): Promise<void> {
    const { environment } = this.parts
    let from = tableKey(collection.table)
    const { to } = tableRange(collection.table)
    for (;;) {
      let count = 0
      await apply((unit) => {
        for (const { key, value } of environment.range({ from, to })) {
          const doc = readDoc(documentOf(value))
          const id = decodeRecordId(key.subarray(4))
          for (const index of indexes) {
            const found = indexKeysOf(index, doc, id)
            for (const entry of found.keys) {
              const holder = index.unique ? unit.view.get(entry.key) : undefined
              if (holder !== undefined && decodeRecordId(holder) !== id) throw duplicateKey(collection, index, entry)
              unit.put(entry.key, encodeRecordId(id))
            }
            saveIndexTraits(unit, index, found)
          }
          from = keyAfter(key)
          if (++count === buildStep) break
        }
      })
      if (count < buildStep) return
      await setImmediate()
    }
  }
}

function about({ db, name, uuid }: Collection): Pick<Change, 'db' | 'collection' | 'uuid'> & { db: string } {
  return { db, collection: name, uuid }
}

function tablesOf(indexes: readonly Index[]): number[] {
  return indexes.map(({ table }) => table)
}
