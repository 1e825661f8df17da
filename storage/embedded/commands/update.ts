import { CommandError, unsupported } from '../errors.ts'
import { checkCollation } from '../engine/check-collation.ts'
import { compileQueryFilter } from '../plan/query-filter.ts'
import type { Doc } from '../query/bson.ts'
import { isDoc } from '../query/value-type.ts'
import { collectionArgument, docArgument, docsArgument, flagArgument, hintArgument } from './arguments.ts'
import type { Command, Context } from './command.ts'
import { updateOne } from './update-one.ts'
import { isReplacement, type UpdateRequest } from './update-request.ts'
import { updateMany } from './update-many.ts'
import { runStatements, writeReply } from './write-statements.ts'

const statementFields = new Set(['q', 'u', 'upsert', 'multi', 'arrayFilters', 'sort', 'hint'])

/** https://www.mongodb.com/docs/manual/reference/command/update/ */
export const update: Command = {
  name: 'update',
  options: ['updates', 'ordered', 'bypassDocumentValidation'],
  inTransaction: true,
  async run(context) {
    const counts = { n: 0, nModified: 0 }
    const upserted: Doc[] = []
    const errors = await runStatements(context, docsArgument(context.body, 'updates'), async (statement, index) => {
      const outcome = await runUpdate(context, statement, index)
      counts.n += Number(outcome['n'])
      counts.nModified += Number(outcome['nModified'])
      if ('upserted' in outcome) upserted.push({ index, _id: outcome['upserted'] })
    })
    return writeReply({ ...counts, ...(upserted.length > 0 ? { upserted } : {}) }, errors)
  },
}

async function runUpdate(context: Context, statement: Doc, index: number): Promise<Doc> {
  const earlier = context.statements?.find(index)
  if (earlier !== undefined) return earlier
  for (const field of Object.keys(statement)) {
    if (field === 'collation') checkCollation(statement[field])
    else if (!statementFields.has(field)) throw unsupported('InvalidOptions', `the update option ${field}`)
  }
  const request: UpdateRequest = {
    collection: collectionArgument(context.body, 'update'),
    filter: compileQueryFilter(docArgument(statement, 'q')),
    sort: docArgument(statement, 'sort', {}),
    update: updateArgument(statement, 'u'),
    ...arrayFiltersArgument(statement),
    ...hintArgument(statement),
  }
  const upsert = flagArgument(statement, 'upsert')
  if (!flagArgument(statement, 'multi')) return updateSingle(context, { ...request, upsert }, index)
  if (context.statements !== undefined)
    throw new CommandError('InvalidOptions', 'Cannot use (or request) retryable writes with multi=true')
  if (isReplacement(request.update))
    throw new CommandError('FailedToParse', 'multi update is not supported for replacement-style update')
  if (statement['sort'] !== undefined) throw new CommandError('FailedToParse', 'Cannot specify sort with multi=true')
  const { matched, changed } = await updateMany(context, request)
  if (matched > 0 || !upsert) return { n: matched, nModified: changed }
  return updateSingle(context, { ...request, upsert }, index)
}

async function updateSingle(
  context: Context,
  request: UpdateRequest & { upsert: boolean },
  index: number,
): Promise<Doc> {
  let reply: Doc = { n: 0, nModified: 0 }
  await updateOne(context, {
    ...request,
    done(unit, outcome) {
      if (outcome.kind === 'updated') reply = { n: 1, nModified: outcome.changed ? 1 : 0 }
      if (outcome.kind === 'inserted') reply = { n: 1, nModified: 0, upserted: outcome.after['_id'] }
      context.statements?.record(unit, index, { outcome: reply })
    },
  })
  return reply
}

/** An update document, or a pipeline of them. */
export function updateArgument(statement: Doc, name: string): Doc | Doc[] {
  const value = statement[name]
  if (isDoc(value)) return value
  if (Array.isArray(value) && value.every(isDoc)) return value
  throw new CommandError('FailedToParse', 'Update argument must be either an object or an array')
}

/** Kept apart from an empty list, which an update by pipeline refuses as well. */
export function arrayFiltersArgument(statement: Doc): { arrayFilters?: Doc[] } {
  return statement['arrayFilters'] === undefined ? {} : { arrayFilters: docsArgument(statement, 'arrayFilters') }
}
