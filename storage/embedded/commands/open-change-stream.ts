import { Timestamp } from 'bson'
import { fromTimestamp } from '../engine/clock.ts'
import { Operation } from '../engine/operation.ts'
import { CommandError, unsupported } from '../errors.ts'
import type { LoggedChange } from '../oplog/change.ts'
import { ChangeStream } from '../oplog/change-stream.ts'
import { decodeToken, lastIndex, type LogPosition } from '../oplog/log-position.ts'
import { findRecords } from '../plan/find-records.ts'
import { compileQueryFilter } from '../plan/query-filter.ts'
import type { Doc } from '../query/bson.ts'
import { runPipeline } from '../query/run-pipeline.ts'
import { isDoc } from '../query/value-type.ts'
import type { Context } from './command.ts'
import { sortMemoryBytes } from '../plan/sort-records.ts'

const options = new Set([
  'fullDocument',
  'fullDocumentBeforeChange',
  'resumeAfter',
  'startAfter',
  'startAtOperationTime',
  'allChangesForCluster',
])

/** The stages that change one event at a time; any other could not be resumed. */
const permittedStages = new Set(['$match', '$project', '$addFields', '$set', '$unset', '$replaceRoot', '$replaceWith'])

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/changeStream/ */
export function openChangeStream(
  context: Context,
  collection: string | undefined,
  pipeline: readonly Doc[],
): ChangeStream {
  const [stage, ...rest] = pipeline
  const spec = stage?.['$changeStream']
  if (!isDoc(spec)) throw new CommandError('FailedToParse', 'the $changeStream stage expects a document')
  for (const option of Object.keys(spec)) {
    if (!options.has(option)) throw unsupported('InvalidOptions', `the change stream option ${option}`)
  }
  if ((spec['fullDocumentBeforeChange'] ?? 'off') !== 'off')
    throw unsupported('InvalidOptions', 'fullDocumentBeforeChange')
  const fullDocument = spec['fullDocument'] ?? 'default'
  if (fullDocument !== 'default' && fullDocument !== 'updateLookup') {
    throw unsupported('InvalidOptions', `fullDocument: ${JSON.stringify(fullDocument)}`)
  }
  for (const other of rest) {
    const name = Object.keys(other)[0] ?? ''
    if (!permittedStages.has(name))
      throw new CommandError('IllegalOperation', `${name} is not permitted in a $changeStream pipeline`)
  }
  const everywhere = spec['allChangesForCluster'] === true
  if (everywhere && (context.db !== 'admin' || collection !== undefined)) {
    throw new CommandError('InvalidOptions', 'allChangesForCluster needs the admin database and no collection')
  }
  const transform = (events: AsyncIterable<Doc>): AsyncIterable<Doc> =>
    runPipeline(events, rest, { read: refuseRead, memoryLimitBytes: sortMemoryBytes })
  // Compiled once now for its errors.
  transform(each([]))
  return new ChangeStream(context.engine, {
    watched: { ...(everywhere ? {} : { db: context.db }), ...(collection === undefined ? {} : { collection }) },
    start: startOf(spec, context),
    lookup: fullDocument === 'updateLookup' ? (change) => lookup(context, change) : undefined,
    transform: (events) => (rest.length === 0 ? each(events) : transform(each(events))),
  })
}

function startOf(spec: Doc, { engine }: Context): LogPosition {
  const given = ['resumeAfter', 'startAfter', 'startAtOperationTime'].filter((option) => spec[option] !== undefined)
  if (given.length > 1) throw new CommandError('BadValue', `Only one of ${given.join(' and ')} can be given`)
  const token = spec['resumeAfter'] ?? spec['startAfter']
  if (token !== undefined) {
    if (!isDoc(token)) throw new CommandError('TypeMismatch', 'a resume token must be an object')
    const position = decodeToken(token)
    if (position.invalidated && spec['resumeAfter'] !== undefined) {
      throw new CommandError(
        'InvalidResumeToken',
        'Attempting to resume a change stream using resumeAfter is not allowed from an invalidate notification.',
      )
    }
    return { ...position, invalidated: false }
  }
  const time = spec['startAtOperationTime']
  if (time === undefined) return { time: engine.writer.durable, index: lastIndex, invalidated: false }
  if (!(time instanceof Timestamp)) throw new CommandError('TypeMismatch', 'startAtOperationTime must be a timestamp')
  // That time itself is still to be told.
  return { time: fromTimestamp(time) - 1n, index: lastIndex, invalidated: false }
}

async function lookup({ engine }: Context, { db, collection, documentKey }: LoggedChange): Promise<Doc | null> {
  const found = engine.catalog.find(db, collection as string)
  if (found === undefined) return null
  const operation = new Operation(0)
  const source = { view: engine.environment, collection: found, operation }
  const { batches } = findRecords(source, {
    filter: compileQueryFilter({ _id: { $eq: documentKey?.['_id'] } }),
    sort: {},
    limit: 1,
    skip: 0,
  })
  try {
    for await (const [record] of batches) return record?.doc ?? null
    return null
  } finally {
    operation.release()
  }
}

async function* each(events: readonly Doc[]): AsyncGenerator<Doc> {
  yield* events
}

function refuseRead(): never {
  throw new CommandError('IllegalOperation', 'a change stream reads no other collection')
}
