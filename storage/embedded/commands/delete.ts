import { CommandError, unsupported } from '../errors.ts'
import { deleteRecord } from '../engine/records.ts'
import type { Unit } from '../engine/unit.ts'
import { findRecords } from '../plan/find-records.ts'
import { checkCollation } from '../engine/check-collation.ts'
import { compileQueryFilter, type QueryFilter } from '../plan/query-filter.ts'
import type { Doc } from '../query/bson.ts'
import { collectionArgument, docArgument, docsArgument, hintArgument, numberArgument } from './arguments.ts'
import type { Command, Context } from './command.ts'
import { firstMatch } from './first-match.ts'
import { inBatches } from './in-batches.ts'
import { matchedAgain } from './matched-again.ts'
import { runStatements, writeReply } from './write-statements.ts'
import { readCollection, withFreshCollection, writeBatchTo, writeTo } from './written-collection.ts'

const statementFields = new Set(['q', 'limit', 'hint'])

/** https://www.mongodb.com/docs/manual/reference/command/delete/ */
export const deleteCommand: Command = {
  name: 'delete',
  options: ['deletes', 'ordered'],
  inTransaction: true,
  async run(context) {
    const name = collectionArgument(context.body, 'delete')
    let n = 0
    const errors = await runStatements(context, docsArgument(context.body, 'deletes'), async (statement, index) => {
      n += await runDelete(context, name, { statement, index })
    })
    return writeReply({ n }, errors)
  },
}

async function runDelete(
  context: Context,
  name: string,
  { statement, index }: { statement: Doc; index: number },
): Promise<number> {
  const earlier = context.statements?.find(index)
  if (earlier !== undefined) return Number(earlier['n'])
  for (const field of Object.keys(statement)) {
    if (field === 'collation') checkCollation(statement[field])
    else if (!statementFields.has(field)) throw unsupported('InvalidOptions', `the delete option ${field}`)
  }
  const filter = compileQueryFilter(docArgument(statement, 'q'))
  const limit = numberArgument(statement, 'limit', -1)
  if (limit !== 0 && limit !== 1)
    throw new CommandError('FailedToParse', 'The limit field in delete objects must be 0 or 1')
  if (limit === 0) {
    if (context.statements !== undefined)
      throw new CommandError('InvalidOptions', 'Cannot use (or request) retryable writes with limit=0')
    return deleteMany(context, name, { filter, ...hintArgument(statement) })
  }
  const deleted = await deleteOne(context, name, {
    filter,
    sort: {},
    ...hintArgument(statement),
    done: (unit) => context.statements?.record(unit, index, { outcome: { n: 1 } }),
  })
  return deleted === undefined ? 0 : 1
}

export type DeleteRequest = { filter: QueryFilter; sort: Doc; hint?: unknown; done: (unit: Unit, deleted: Doc) => void }

/** Deletes the first match and returns it. The document is matched again in the turn that writes. */
export function deleteOne(context: Context, name: string, request: DeleteRequest): Promise<Doc | undefined> {
  const { filter, done } = request
  return withFreshCollection(context, async () => {
    for (;;) {
      context.operation.check()
      const collection = readCollection(context, name)
      const found = collection === undefined ? undefined : await firstMatch(context, collection, request)
      if (collection === undefined || found === undefined) return undefined
      const deleted = await writeTo(context, collection, (unit) => {
        const current = matchedAgain(unit.view, collection, { found, filter })
        if (current === undefined) return undefined
        const { record, doc } = current
        deleteRecord(unit, { collection, record, doc }, context.origin)
        done(unit, doc)
        return doc
      })
      if (deleted !== undefined) return deleted
    }
  })
}

async function deleteMany(
  context: Context,
  name: string,
  { filter, hint }: { filter: QueryFilter; hint?: unknown },
): Promise<number> {
  const planned = readCollection(context, name)
  if (planned === undefined) return 0
  const { view, operation } = context
  let count = 0
  const query = { filter, sort: {}, limit: 0, skip: 0, ...(hint === undefined ? {} : { hint }) }
  const { batches } = findRecords({ view, collection: planned, operation }, query)
  await inBatches(batches, context, async (batch) => {
    count += await writeBatchTo(context, planned, async (unit, collection) => {
      let deleted = 0
      for (const found of batch) {
        if (operation.turnIsOver) await operation.breathe()
        const current = matchedAgain(unit.view, collection, { found, filter })
        if (current === undefined) continue
        deleteRecord(unit, { collection, ...current }, context.origin)
        deleted++
      }
      return deleted
    })
  })
  return count
}
