import { CommandError } from '../errors.ts'
import type { Doc } from './bson.ts'
import { compareValues } from './compare-values.ts'
import { identical } from './identical.ts'
import { typeOf } from './value-type.ts'
import type { UpdateContext } from './update/field-update.ts'
import { compilePipelineUpdate } from './update/pipeline-update.ts'
import { compileOperatorUpdate } from './update/operator-update.ts'

export { upsertSeed } from './update/upsert-seed.ts'

export type CompiledUpdate = {
  /**
   * The updated document: a new one, or the same when nothing changed. Its `_id` comes first; when inserting there
   * may be none yet.
   */
  apply(doc: Doc, options: { inserting: boolean }): Doc
}

/**
 * Compiles an update: a replacement, operators, or a pipeline. `filter` is the query that found the document, for
 * the positional `$`.
 */
export function compileUpdate(
  update: Doc | Doc[],
  options: { filter?: Doc; arrayFilters?: Doc[] } = {},
): CompiledUpdate {
  const change = compileChange(update, options)
  // Operators may not touch the _id; a whole new document may bring an equal one of another type.
  const sameId = isOperatorUpdate(update) ? identical : (a: unknown, b: unknown) => compareValues(a, b) === 0
  return {
    apply(doc, { inserting }) {
      const result = change({ original: doc, inserting })
      if (result === doc) return doc
      if (doc._id !== undefined && (result._id === undefined || !sameId(doc._id, result._id))) throw idChanged()
      const type = typeOf(result._id)
      if (type === 'array' || type === 'regex') {
        throw new CommandError('InvalidIdField', `The '_id' value cannot be of type ${type}`)
      }
      return withIdFirst(result)
    },
  }
}

function compileChange(
  update: Doc | Doc[],
  options: { filter?: Doc; arrayFilters?: Doc[] },
): (context: UpdateContext) => Doc {
  if (Array.isArray(update)) {
    if (options.arrayFilters !== undefined && options.arrayFilters.length > 0) {
      throw new CommandError('FailedToParse', 'arrayFilters may not be specified for pipeline-style updates')
    }
    return compilePipelineUpdate(update)
  }
  if (isOperatorUpdate(update)) return compileOperatorUpdate(update, options)
  if (options.arrayFilters !== undefined && options.arrayFilters.length > 0) {
    throw new CommandError('FailedToParse', 'Cannot specify arrayFilters and a replacement document')
  }
  return compileReplacement(update)
}

function compileReplacement(replacement: Doc): (context: UpdateContext) => Doc {
  const dollar = Object.keys(replacement).find((field) => field.startsWith('$'))
  if (dollar !== undefined) {
    throw new CommandError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${dollar}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    )
  }
  return ({ original }) => {
    const hasId = Object.hasOwn(original, '_id') && !Object.hasOwn(replacement, '_id')
    const result = hasId ? { _id: original._id, ...replacement } : { ...replacement }
    return identical(original, result) ? original : result
  }
}

function isOperatorUpdate(update: Doc | Doc[]): boolean {
  return !Array.isArray(update) && Object.keys(update)[0]?.startsWith('$') === true
}

function idChanged(): CommandError {
  return new CommandError(
    'ImmutableField',
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  )
}

function withIdFirst(doc: Doc): Doc {
  if (!Object.hasOwn(doc, '_id') || Object.keys(doc)[0] === '_id') return doc
  const { _id, ...others } = doc
  return { _id, ...others }
}
