import { CommandError } from '../errors.ts'
import { pagesOf } from '../engine/pages.ts'
import { Operation } from '../engine/operation.ts'
import { findRecords } from '../plan/find-records.ts'
import type { FoundRecord, Query } from '../plan/query.ts'
import { compileQueryFilter } from '../plan/query-filter.ts'
import { writeDoc, type Doc } from '../query/bson.ts'
import { compileProjection } from '../query/compile-projection.ts'
import { compileSort } from '../query/compile-sort.ts'
import { collectionArgument, countArgument, docArgument, flagArgument } from './arguments.ts'
import type { Command } from './command.ts'
import { defaultFirstBatch, firstPageReply, listSource, maxTimeOf } from './cursor-reply.ts'
import { readCollection } from './written-collection.ts'

/** https://www.mongodb.com/docs/manual/reference/command/find/ */
export const find: Command = {
  name: 'find',
  options: [
    'filter',
    'sort',
    'projection',
    'skip',
    'limit',
    'batchSize',
    'singleBatch',
    'noCursorTimeout',
    'allowDiskUse',
    'hint',
  ],
  harmless: ['tailable', 'awaitData', 'returnKey', 'showRecordId', 'oplogReplay', 'allowPartialResults'],
  inTransaction: true,
  async run(context) {
    const { body, db } = context
    const name = collectionArgument(body, 'find')
    const query = readQuery(body)
    const projection = docArgument(body, 'projection', {})
    const project = Object.keys(projection).length === 0 ? undefined : compileProjection(projection, query.filter.doc)
    const namespace = `${db}.${name}`
    const batchSize = countArgument(body, 'batchSize', defaultFirstBatch)
    const single = flagArgument(body, 'singleBatch')
    const collection = readCollection(context, name)
    if (collection === undefined)
      return firstPageReply(context, { namespace, source: listSource([]), batchSize, single })
    // The cursor may outlive the command, so it has an operation of its own.
    const operation = new Operation(maxTimeOf(body))
    const encode = (record: FoundRecord): Uint8Array =>
      project === undefined ? record.bytes : writeDoc(project(record.doc))
    const { batches } = findRecords({ view: context.view, collection, operation }, query)
    return firstPageReply(context, {
      namespace,
      source: pagesOf({ batches, encode }, operation),
      batchSize,
      single,
    })
  },
}

/** Reads what find and explain have in common. */
export function readQuery(body: Doc): Query {
  // Also when the collection does not exist, a malformed query is an error.
  const filter = compileQueryFilter(docArgument(body, 'filter', {}))
  const sort = docArgument(body, 'sort', {})
  checkSort(sort)
  const { hint } = body
  return {
    filter,
    sort,
    limit: countArgument(body, 'limit', 0),
    skip: countArgument(body, 'skip', 0),
    ...(hint === undefined ? {} : { hint }),
  }
}

export function checkSort(sort: Doc): void {
  if (sort['$natural'] === undefined) {
    compileSort(sort)
  } else if (Object.keys(sort).length > 1) {
    throw new CommandError(
      'BadValue',
      '$natural sort cannot be set to a value other than -1 or 1, nor be combined with other fields',
    )
  }
}
