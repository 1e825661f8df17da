import { CommandError, unsupported } from '../errors.ts'
import { tableRange } from '../engine/keys.ts'
import { writeDoc, type Doc } from '../query/bson.ts'
import { compileFilter } from '../query/compile-filter.ts'
import { describeIndex } from '../engine/index-spec.ts'
import { capOf, readCappedOptions } from '../engine/capped.ts'
import { isClustered, readClustering } from '../engine/clustering.ts'
import { readValidation } from '../engine/validation.ts'
import { collectionArgument, docArgument, flagArgument } from './arguments.ts'
import type { Collection } from '../engine/collection.ts'
import { choosePlan } from '../plan/choose-plan.ts'
import { Scanner } from '../plan/scanner.ts'
import type { Command, Context } from './command.ts'
import { cursorBatchSize, firstPageReply, listSource } from './cursor-reply.ts'

/** https://www.mongodb.com/docs/manual/reference/command/create/ */
export const create: Command = {
  name: 'create',
  options: ['capped', 'size', 'max', 'validator', 'validationLevel', 'validationAction', 'clusteredIndex'],
  harmless: ['autoIndexId', 'changeStreamPreAndPostImages', 'recordPreImages', 'temp'],
  inTransaction: true,
  async run({ engine, transaction, body, db }) {
    const name = collectionArgument(body, 'create')
    const options = { ...readCappedOptions(body), ...readValidation(body), ...readClustering(body) }
    if (transaction === undefined) await engine.ddl.create(db, name, { options, mayExist: false })
    else if (transaction.find(db, name) === undefined) transaction.create(db, name, options)
    else throw new CommandError('NamespaceExists', `Collection ${db}.${name} already exists`)
    return {}
  },
}

/** https://www.mongodb.com/docs/manual/reference/command/drop/ */
export const drop: Command = {
  name: 'drop',
  options: [],
  inTransaction: false,
  async run({ engine, body, db }) {
    const name = collectionArgument(body, 'drop')
    const dropped = await engine.ddl.drop(db, name)
    // Since 7.0 it is no error that there was none.
    return dropped === undefined ? {} : { ns: `${db}.${name}`, nIndexesWas: dropped.indexes.length }
  },
}

export const dropDatabase: Command = {
  name: 'dropDatabase',
  options: [],
  inTransaction: false,
  async run({ engine, db }) {
    const existed = await engine.ddl.dropDatabase(db)
    return existed ? { dropped: db } : {}
  },
}

/** https://www.mongodb.com/docs/manual/reference/command/listCollections/ */
export const listCollections: Command = {
  name: 'listCollections',
  options: ['filter', 'nameOnly', 'authorizedCollections', 'cursor'],
  inTransaction: false,
  async run(context) {
    const { engine, body, db } = context
    const matches = compileFilter(docArgument(body, 'filter', {}))
    const nameOnly = flagArgument(body, 'nameOnly')
    const docs = engine.catalog
      .inDatabase(db)
      .map(({ name, options, uuid, indexes }): Doc => ({
        name,
        type: 'collection',
        options,
        info: { readOnly: false, uuid },
        ...(isClustered({ options }) ? {} : { idIndex: describeIndex(indexes[0] as (typeof indexes)[number]) }),
      }))
      .filter(matches)
      .map(({ name, type, ...more }) => writeDoc(nameOnly ? { name, type } : { name, type, ...more }))
    return firstPageReply(context, {
      namespace: `${db}.$cmd.listCollections`,
      source: listSource(docs),
      batchSize: cursorBatchSize(body),
      single: false,
    })
  },
}

export const listDatabases: Command = {
  name: 'listDatabases',
  options: ['filter', 'nameOnly', 'authorizedDatabases'],
  inTransaction: false,
  async run(context) {
    const { engine, body, db } = context
    if (db !== 'admin')
      throw new CommandError('Unauthorized', 'listDatabases may only be run against the admin database.')
    const matches = compileFilter(docArgument(body, 'filter', {}))
    const nameOnly = flagArgument(body, 'nameOnly')
    const names = [...new Set(engine.catalog.all().map((collection) => collection.db))].toSorted()
    const databases: Doc[] = []
    for (const name of names) {
      const sizeOnDisk = nameOnly ? 0 : await totalSize(context, engine.catalog.inDatabase(name))
      const database = { name, sizeOnDisk, empty: false }
      if (matches(database)) databases.push(database)
    }
    if (nameOnly) return { databases: databases.map(({ name }) => ({ name })) }
    return { databases, totalSize: databases.reduce((sum, { sizeOnDisk }) => sum + Number(sizeOnDisk), 0) }
  },
}

/** The bytes of a collection's documents. It reads all of them, a turn at a time, so it is for tools and tests. */
async function sizeOf({ view, operation }: Context, collection: Collection): Promise<number> {
  const scanner = operation.hold(new Scanner(view, collection, choosePlan(collection, { filter: {}, sort: {} })))
  let size = 0
  for (let record = scanner.next(); record !== undefined; record = scanner.next()) {
    size += record.bytes.length
    if (operation.turnIsOver) await operation.breathe()
  }
  return size
}

async function totalSize(context: Context, collections: readonly Collection[]): Promise<number> {
  let size = 0
  for (const collection of collections) size += await sizeOf(context, collection)
  return size
}

/** https://www.mongodb.com/docs/manual/reference/command/collStats/ */
export const collStats: Command = {
  name: 'collStats',
  aliases: ['collstats'],
  options: ['scale'],
  inTransaction: false,
  async run(context) {
    const { engine, body, db } = context
    if (body['scale'] !== undefined && Number(body['scale']) !== 1)
      throw unsupported('InvalidOptions', 'a scale other than 1 in collStats')
    const name = collectionArgument(body, 'collStats' in body ? 'collStats' : 'collstats')
    const collection = engine.catalog.find(db, name)
    const count = collection === undefined ? 0 : engine.environment.count(tableRange(collection.table))
    const size = collection === undefined ? 0 : await sizeOf(context, collection)
    return {
      ns: `${db}.${name}`,
      count,
      size,
      ...(count > 0 ? { avgObjSize: size / count } : {}),
      ...describeCap(collection),
      nindexes: collection?.indexes.length ?? 0,
      scaleFactor: 1,
    }
  },
}

function describeCap(collection: Collection | undefined): Doc {
  const cap = collection === undefined ? undefined : capOf(collection)
  if (cap === undefined) return { capped: false }
  return { capped: true, max: Number.isFinite(cap.documents) ? cap.documents : 0, maxSize: cap.bytes }
}

export const dbStats: Command = {
  name: 'dbStats',
  aliases: ['dbstats'],
  options: ['scale'],
  inTransaction: false,
  async run(context) {
    const { engine, body, db } = context
    if (body['scale'] !== undefined && Number(body['scale']) !== 1)
      throw unsupported('InvalidOptions', 'a scale other than 1 in dbStats')
    const collections = engine.catalog.inDatabase(db)
    const objects = collections.reduce((sum, { table }) => sum + engine.environment.count(tableRange(table)), 0)
    const dataSize = await totalSize(context, collections)
    const indexes = collections.reduce((sum, collection) => sum + collection.indexes.length, 0)
    return {
      db,
      collections: collections.length,
      views: 0,
      objects,
      avgObjSize: objects === 0 ? 0 : dataSize / objects,
      dataSize,
      indexes,
      scaleFactor: 1,
    }
  },
}
