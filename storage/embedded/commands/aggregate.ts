import { Operation } from '../engine/operation.ts'
import { pagesOf } from '../engine/pages.ts'
import { CommandError, unsupported } from '../errors.ts'
import { findRecords } from '../plan/find-records.ts'
import type { Query } from '../plan/query.ts'
import { compileQueryFilter, everything } from '../plan/query-filter.ts'
import { sortMemoryBytes } from '../plan/sort-records.ts'
import { writeDoc, type Doc } from '../query/bson.ts'
import { givenDocuments } from '../query/pipeline/documents-stage.ts'
import { fromArray } from '../query/pipeline/run-stages.ts'
import type { Environment } from '../query/pipeline/stage.ts'
import { runPipeline } from '../query/run-pipeline.ts'
import { isDoc, isNumber } from '../query/value-type.ts'
import { docsArgument } from './arguments.ts'
import type { Command, Context } from './command.ts'
import { cursorBatchSize, firstPageReply, maxTimeOf } from './cursor-reply.ts'
import { openChangeStream } from './open-change-stream.ts'
import { readCollection } from './written-collection.ts'

/** https://www.mongodb.com/docs/manual/reference/command/aggregate/ */
export const aggregate: Command = {
  name: 'aggregate',
  options: ['pipeline', 'cursor', 'allowDiskUse', 'bypassDocumentValidation', 'hint'],
  harmless: ['explain'],
  inTransaction: true,
  async run(context) {
    const { body, db } = context
    const target = body['aggregate']
    if (typeof target !== 'string' && !(isNumber(target) && Number(target) === 1)) {
      throw new CommandError('TypeMismatch', 'aggregate must name a collection or be 1')
    }
    const name = typeof target === 'string' ? target : undefined
    const pipeline = docsArgument(body, 'pipeline')
    if (body['cursor'] === undefined)
      throw new CommandError(
        'FailedToParse',
        "The 'cursor' option is required, except for aggregate with the explain argument",
      )
    const batchSize = cursorBatchSize(body)
    const namespace = `${db}.${name ?? '$cmd.aggregate'}`
    if (pipeline[0] !== undefined && '$changeStream' in pipeline[0]) {
      if (context.transaction !== undefined)
        throw new CommandError(
          'OperationNotSupportedInTransaction',
          'a change stream cannot be opened in a transaction',
        )
      const source = openChangeStream(context, name, pipeline)
      return firstPageReply(context, { namespace, source, batchSize, single: false })
    }
    const operation = new Operation(maxTimeOf(body))
    const given = givenDocuments(pipeline)
    if (given !== undefined && name !== undefined) {
      throw new CommandError('InvalidNamespace', "'$documents' can only be run with {aggregate: 1}")
    }
    if (name === undefined && given === undefined) {
      throw unsupported('InvalidNamespace', 'aggregate without a collection')
    }
    const docs =
      given === undefined
        ? run(context, { name: name as string, pipeline, operation })
        : runGiven(context, { given, pipeline: pipeline.slice(1), operation })
    return firstPageReply(context, {
      namespace,
      source: pagesOf({ batches: oneByOne(docs), encode: writeDoc }, operation),
      batchSize,
      single: false,
    })
  },
}

type Run = { name: string; pipeline: readonly Doc[]; operation: Operation }

function run(context: Context, { name, pipeline, operation }: Run): AsyncIterator<Doc> {
  const environment = environmentOf(context, operation)
  // The whole pipeline is checked before a part of it is left to the planner.
  checkPipeline(pipeline)
  const { query, rest } = splitQuery(pipeline)
  const { hint } = context.body
  const source = read(context, { name, operation, query: hint === undefined ? query : { ...query, hint } })
  return (rest.length === 0 ? source : runPipeline(source, rest, environment))[Symbol.asyncIterator]()
}

function environmentOf(context: Context, operation: Operation): Environment {
  return {
    read: (collection) => read(context, { name: collection, operation, query: wholeCollection }),
    memoryLimitBytes: sortMemoryBytes,
    breathe: () => operation.breatheWhenOver(),
  }
}

type RunGiven = { given: readonly Doc[]; pipeline: readonly Doc[]; operation: Operation }

/** Runs a pipeline over documents that it brings itself. */
function runGiven(context: Context, { given, pipeline, operation }: RunGiven): AsyncIterator<Doc> {
  const environment = environmentOf(context, operation)
  return runPipeline(fromArray(given, environment), pipeline, environment)[Symbol.asyncIterator]()
}

/** Throws for a pipeline that could not be run. */
export function checkPipeline(pipeline: readonly Doc[]): void {
  runPipeline(nothing(), pipeline, { read: nothing, memoryLimitBytes: sortMemoryBytes })
}

// oxlint-disable-next-line require-yield -- it is nothing
async function* nothing(): AsyncGenerator<Doc> {}

const wholeCollection: Query = { filter: everything, sort: {}, limit: 0, skip: 0 }

/** The leading stages that an index can serve. */
export function splitQuery(pipeline: readonly Doc[]): { query: Query; rest: readonly Doc[] } {
  const filters: Doc[] = []
  let place = 0
  for (; isDoc(pipeline[place]?.['$match']); place++) filters.push(pipeline[place]?.['$match'] as Doc)
  const filter = compileQueryFilter(filters.length > 1 ? { $and: filters } : (filters[0] ?? {}))
  const sort = pipeline[place]?.['$sort']
  if (!isDoc(sort)) return { query: { ...wholeCollection, filter }, rest: pipeline.slice(place) }
  place++
  const limit = pipeline[place]?.['$limit']
  return {
    query: { filter, sort, limit: limit === undefined ? 0 : Number(limit), skip: 0 },
    rest: pipeline.slice(limit === undefined ? place : place + 1),
  }
}

type Read = { name: string; operation: Operation; query: Query }

async function* read(context: Context, { name, operation, query }: Read): AsyncGenerator<Doc> {
  const collection = readCollection(context, name)
  if (collection === undefined) return
  const { batches } = findRecords({ view: context.view, collection, operation }, query)
  for await (const batch of batches) for (const { doc } of batch) yield doc
}

/** Documents come when they come, and one must not wait for the next. */
async function* oneByOne(docs: AsyncIterator<Doc>): AsyncGenerator<readonly Doc[]> {
  for (let next = await docs.next(); next.done !== true; next = await docs.next()) yield [next.value]
}
