import { largestDocumentBytes } from '../engine/records.ts'
import { CommandError } from '../errors.ts'
import { findRecords } from '../plan/find-records.ts'
import { compileQueryFilter } from '../plan/query-filter.ts'
import type { Doc } from '../query/bson.ts'
import { indexEntries } from '../query/encode-key.ts'
import { compareValues } from '../query/compare-values.ts'
import { encodeKey } from '../query/encode-key.ts'
import { sizeOfValue } from '../query/pipeline/memory-meter.ts'
import { collectionArgument, docArgument, textArgument } from './arguments.ts'
import type { Command } from './command.ts'
import { readCollection } from './written-collection.ts'

/** https://www.mongodb.com/docs/manual/reference/command/distinct/ */
export const distinct: Command = {
  name: 'distinct',
  options: ['key', 'query'],
  inTransaction: true,
  async run(context) {
    const { body, view, operation } = context
    const path = textArgument(body, 'key')
    const filter = compileQueryFilter(docArgument(body, 'query', {}))
    const collection = readCollection(context, collectionArgument(body, 'distinct'))
    const values = new Map<string, unknown>()
    let bytes = 0
    if (collection !== undefined) {
      const pattern: Doc = { [path]: 1 }
      const { batches } = findRecords({ view, collection, operation }, { filter, sort: {}, limit: 0, skip: 0 })
      try {
        for await (const batch of batches) {
          for (const [value] of batch.flatMap(({ doc }) => indexEntries(doc, pattern))) {
            // Neither a missing value nor an empty array has a value to tell.
            if (value === undefined || typeof value === 'symbol') continue
            const key = encodeKey([value], [1]).toString('latin1')
            if (values.has(key)) continue
            bytes += sizeOfValue(value)
            // The reply is one document.
            if (bytes > largestDocumentBytes) throw new CommandError('Location17217', 'distinct too big, 16mb cap')
            values.set(key, value)
          }
        }
      } finally {
        operation.release()
      }
    }
    return { values: [...values.values()].toSorted(compareValues) }
  },
}
