import { tableRange } from '../engine/keys.ts'
import { findRecords } from '../plan/find-records.ts'
import { compileQueryFilter, everything } from '../plan/query-filter.ts'
import { collectionArgument, countArgument, docArgument, numberArgument } from './arguments.ts'
import type { Command } from './command.ts'
import { readCollection } from './written-collection.ts'

/** https://www.mongodb.com/docs/manual/reference/command/count/ */
export const count: Command = {
  name: 'count',
  options: ['query', 'limit', 'skip', 'fields', 'hint'],
  inTransaction: false,
  async run(context) {
    const { body, engine, view, operation } = context
    const filter = compileQueryFilter(docArgument(body, 'query', {}))
    const skip = countArgument(body, 'skip', 0)
    // A negative limit counts as its absolute value, as in MongoDB.
    const limit = Math.abs(numberArgument(body, 'limit', 0))
    const collection = readCollection(context, collectionArgument(body, 'count'))
    if (collection === undefined) return { n: 0 }
    if (filter === everything && body['hint'] === undefined) {
      const all = Math.max(0, engine.environment.count(tableRange(collection.table)) - skip)
      return { n: limit > 0 ? Math.min(limit, all) : all }
    }
    let n = 0
    const { batches } = findRecords(
      { view, collection, operation },
      { filter, sort: {}, limit, skip, hint: body['hint'] },
    )
    try {
      for await (const batch of batches) n += batch.length
    } finally {
      operation.release()
    }
    return { n }
  },
}
