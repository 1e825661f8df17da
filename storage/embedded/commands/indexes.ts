import { CommandError } from '../errors.ts'
import { capOf } from '../engine/capped.ts'
import type { Collection, Index } from '../engine/collection.ts'
import { describeIndex, readIndexSpec } from '../engine/index-spec.ts'
import { writeDoc, type Doc } from '../query/bson.ts'
import { isDoc } from '../query/value-type.ts'
import { collectionArgument, docsArgument } from './arguments.ts'
import type { Command, Context } from './command.ts'
import { cursorBatchSize, firstPageReply, listSource } from './cursor-reply.ts'

/** https://www.mongodb.com/docs/manual/reference/command/createIndexes/ */
export const createIndexes: Command = {
  name: 'createIndexes',
  options: ['indexes', 'commitQuorum'],
  inTransaction: false,
  async run({ engine, body, db }) {
    const name = collectionArgument(body, 'createIndexes')
    const specs = docsArgument(body, 'indexes')
      .filter((spec) => !isIdIndex(spec))
      .map(readIndexSpec)
    const existed = engine.catalog.find(db, name) !== undefined
    const collection = await engine.ddl.ensure(db, name)
    if (capOf(collection) !== undefined && specs.some(({ expireAfterSeconds }) => expireAfterSeconds !== undefined)) {
      throw new CommandError('CannotCreateIndex', 'Cannot create TTL index on a capped collection')
    }
    const { before, after } = await engine.ddl.createIndexes(collection, specs)
    return {
      numIndexesBefore: before,
      numIndexesAfter: after,
      createdCollectionAutomatically: !existed,
      ...(before === after ? { note: 'all indexes already exist' } : {}),
    }
  },
}

/** Every collection has the index on _id; asking for it again is no error. */
function isIdIndex({ key }: Doc): boolean {
  return isDoc(key) && Object.keys(key).join() === '_id' && Number(key['_id']) === 1
}

/** https://www.mongodb.com/docs/manual/reference/command/listIndexes/ */
export const listIndexes: Command = {
  name: 'listIndexes',
  options: ['cursor'],
  inTransaction: false,
  async run(context) {
    const name = collectionArgument(context.body, 'listIndexes')
    const collection = existingCollection(context, name)
    const { indexes } = collection
    return firstPageReply(context, {
      namespace: `${context.db}.${name}`,
      source: listSource(indexes.map((index) => writeDoc(described(collection, index)))),
      batchSize: cursorBatchSize(context.body),
      single: false,
    })
  },
}

/** Of a clustered collection the index on _id has a name of its own. */
function described({ options }: Collection, index: Index): Doc {
  const clustered = index.name === '_id_' ? options['clusteredIndex'] : undefined
  return isDoc(clustered) ? { ...clustered, clustered: true } : describeIndex(index)
}

/** https://www.mongodb.com/docs/manual/reference/command/dropIndexes/ */
export const dropIndexes: Command = {
  name: 'dropIndexes',
  aliases: ['deleteIndexes'],
  options: ['index'],
  inTransaction: false,
  async run(context) {
    const { body, engine } = context
    const collection = existingCollection(
      context,
      collectionArgument(body, 'dropIndexes' in body ? 'dropIndexes' : 'deleteIndexes'),
    )
    const dropped = chosen(collection, body['index'])
    if (dropped.some(({ name }) => name === '_id_')) throw new CommandError('InvalidOptions', 'cannot drop _id index')
    if (dropped.length > 0) await engine.ddl.dropIndexes(collection, dropped)
    return {
      nIndexesWas: collection.indexes.length,
      ...(body['index'] === '*' ? { msg: 'non-_id indexes dropped for collection' } : {}),
    }
  },
}

/** The collection of a command that needs one. */
export function existingCollection({ engine, db }: Context, name: string): Collection {
  const collection = engine.catalog.find(db, name)
  if (collection === undefined) throw new CommandError('NamespaceNotFound', `ns does not exist: ${db}.${name}`)
  return collection
}

function chosen({ indexes }: Collection, wanted: unknown): Index[] {
  if (wanted === '*') return indexes.filter(({ name }) => name !== '_id_')
  if (Array.isArray(wanted)) return wanted.flatMap((one) => chosenIndex(indexes, one))
  return [chosenIndex(indexes, wanted)]
}

/** The index that a client names, or whose key pattern it gives. */
export function chosenIndex(indexes: readonly Index[], wanted: unknown): Index {
  if (typeof wanted === 'string') {
    const index = indexes.find(({ name }) => name === wanted)
    if (index !== undefined) return index
    throw new CommandError('IndexNotFound', `index not found with name [${wanted}]`)
  }
  if (isDoc(wanted)) {
    const text = JSON.stringify(numbers(wanted))
    const index = indexes.find(({ key }) => JSON.stringify(numbers(key)) === text)
    if (index !== undefined) return index
    throw new CommandError('IndexNotFound', `can't find index with key: ${text}`)
  }
  throw new CommandError('TypeMismatch', 'index must be a name, a list of names, a key pattern or *')
}

function numbers(key: Doc): Doc {
  return Object.fromEntries(
    Object.entries(key).map(([path, direction]) => [
      path,
      typeof direction === 'string' ? direction : Number(direction),
    ]),
  )
}
