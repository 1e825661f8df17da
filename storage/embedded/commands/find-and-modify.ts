import { CommandError } from '../errors.ts'
import { compileQueryFilter, type QueryFilter } from '../plan/query-filter.ts'
import type { Doc } from '../query/bson.ts'
import { compileProjection } from '../query/compile-projection.ts'
import { isDoc } from '../query/value-type.ts'
import { collectionArgument, docArgument, flagArgument, hintArgument } from './arguments.ts'
import type { Command, Context } from './command.ts'
import { deleteOne } from './delete.ts'
import { arrayFiltersArgument, updateArgument } from './update.ts'
import { updateOne } from './update-one.ts'

/** https://www.mongodb.com/docs/manual/reference/command/findAndModify/ */
export const findAndModify: Command = {
  name: 'findAndModify',
  aliases: ['findandmodify'],
  options: [
    'query',
    'sort',
    'remove',
    'update',
    'new',
    'fields',
    'upsert',
    'arrayFilters',
    'bypassDocumentValidation',
    'hint',
  ],
  inTransaction: true,
  async run(context) {
    const earlier = context.statements?.find(0)
    if (earlier !== undefined) return earlier
    const { body } = context
    const name = collectionArgument(body, 'findAndModify' in body ? 'findAndModify' : 'findandmodify')
    const fields = docArgument(body, 'fields', {})
    const filter = compileQueryFilter(docArgument(body, 'query', {}))
    const sort = isDoc(body['sort']) ? body['sort'] : {}
    const project = Object.keys(fields).length === 0 ? (doc: Doc): Doc => doc : compileProjection(fields, filter.doc)
    const remove = flagArgument(body, 'remove')
    if (remove === (body['update'] !== undefined)) {
      throw new CommandError('FailedToParse', 'Either an update or remove=true must be specified')
    }
    const request = { name, filter, sort, project, ...hintArgument(body) }
    return remove ? runRemove(context, request) : runUpdate(context, request)
  },
}

type Request = { name: string; filter: QueryFilter; sort: Doc; hint?: unknown; project: (doc: Doc) => Doc }

async function runRemove(context: Context, { name, project, ...query }: Request): Promise<Doc> {
  if (flagArgument(context.body, 'new'))
    throw new CommandError(
      'FailedToParse',
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    )
  if (flagArgument(context.body, 'upsert'))
    throw new CommandError('FailedToParse', 'Cannot specify both upsert=true and remove=true')
  let reply: Doc = { lastErrorObject: { n: 0 }, value: null }
  await deleteOne(context, name, {
    ...query,
    done(unit, deleted) {
      reply = { lastErrorObject: { n: 1 }, value: project(deleted) }
      context.statements?.record(unit, 0, { outcome: reply })
    },
  })
  return reply
}

async function runUpdate(context: Context, { name, project, ...query }: Request): Promise<Doc> {
  const { body } = context
  const wantsNew = flagArgument(body, 'new')
  let reply: Doc = { lastErrorObject: { n: 0, updatedExisting: false }, value: null }
  await updateOne(context, {
    collection: name,
    ...query,
    update: updateArgument(body, 'update'),
    ...arrayFiltersArgument(body),
    upsert: flagArgument(body, 'upsert'),
    done(unit, outcome) {
      if (outcome.kind === 'updated') {
        reply = {
          lastErrorObject: { n: 1, updatedExisting: true },
          value: project(wantsNew ? outcome.after : outcome.before),
        }
      } else if (outcome.kind === 'inserted') {
        reply = {
          lastErrorObject: { n: 1, updatedExisting: false, upserted: outcome.after['_id'] },
          value: wantsNew ? project(outcome.after) : null,
        }
      }
      context.statements?.record(unit, 0, { outcome: reply })
    },
  })
  return reply
}
