import type { ClientSession, Connection as MongoConnection, QueryFilter } from 'mongoose'
import type { ImportColumn } from '../../kit/background.ts'
import { type Caller, ownedBy } from '../../kit/caller.ts'
import { type Connection, type ConnectionArgs, readConnection } from '../../kit/connection.ts'
import { bindModel, countMatching, embeddedSchema, findByIds, prepareModels } from '../../storage/documents.ts'
import type { ImportChunk, ImportFailure, ImportJob, ImportKind, ImportState, RefusedLine } from './import-job.ts'

const text = { type: String, required: true } as const
const count = { type: Number, required: true, min: 0 } as const
const moment = { type: Date, required: true } as const

const keptSeconds = 90 * 24 * 60 * 60

export interface ImportFilter {
  readonly kind?: string
  readonly state?: ImportState
}

export type ImportModels = ReturnType<typeof createImportModels>

/** The collections of imports. Jobs belong to the organization that sends them. */
export function createImportModels(connection: MongoConnection) {
  const Job = bindModel<ImportJob>(connection, 'ImportJob', {
    collection: 'import_jobs',
    fields: {
      organizationId: text,
      caller: { type: Object, required: true },
      kind: text,
      format: text,
      delimiter: text,
      externalId: text,
      current: { type: Boolean, required: true },
      state: text,
      failure: { type: embeddedSchema<ImportFailure>({ code: text, message: text }), default: null },
      receivedChunks: count,
      receivedBytes: count,
      nextChunk: count,
      doneInChunk: count,
      carry: { type: String, default: '' },
      header: { type: [String], default: null },
      linesRead: count,
      linesApplied: count,
      linesRefused: count,
      attempts: count,
      retryAt: moment,
      createdAt: moment,
      updatedAt: moment,
      finishedAt: { type: Date, default: null },
    },
    indexes: [
      [
        { organizationId: 1, kind: 1, externalId: 1 },
        { unique: true, partialFilterExpression: { current: true } },
      ],
      [{ state: 1, kind: 1, retryAt: 1 }],
      [{ state: 1, updatedAt: 1 }],
      ...[{}, { kind: 1 }, { state: 1 }, { kind: 1, state: 1 }].flatMap(
        (filter) =>
          [[{ ...filter, createdAt: -1, _id: -1 }], [{ organizationId: 1, ...filter, createdAt: -1, _id: -1 }]] as [
            Record<string, 1 | -1>,
          ][],
      ),
      [{ finishedAt: 1 }, { expireAfterSeconds: keptSeconds }],
    ],
  })
  const Chunk = bindModel<ImportChunk>(connection, 'ImportChunk', {
    collection: 'import_chunks',
    fields: { jobId: text, sequence: { type: Number, required: true }, data: text },
    indexes: [[{ jobId: 1, sequence: 1 }, { unique: true }]],
  })
  const Refused = bindModel<RefusedLine>(connection, 'ImportRefusedLine', {
    collection: 'import_refused_lines',
    fields: {
      jobId: text,
      line: { type: Number, required: true },
      column: { type: String, default: null },
      code: text,
      message: text,
      createdAt: moment,
    },
    indexes: [[{ jobId: 1, line: 1, _id: 1 }], [{ createdAt: 1 }, { expireAfterSeconds: keptSeconds }]],
  })
  const Kind = bindModel<ImportKind>(connection, 'ImportKind', {
    collection: 'import_kinds',
    fields: {
      description: text,
      scope: text,
      columns: {
        type: [
          embeddedSchema<ImportColumn>({
            name: text,
            description: text,
            required: { type: Boolean, required: true },
            type: text,
          }),
        ],
        required: true,
      },
    },
    indexes: [],
  })
  return {
    jobs: Job,
    chunks: Chunk,
    refused: Refused,
    kinds: Kind,
    prepare: (): Promise<void> => prepareModels([Job, Chunk, Refused, Kind]),
    byIds: (caller: Caller, ids: readonly string[]): Promise<ImportJob[]> =>
      findByIds(Job, 'ImportJob', ids, ownedBy(caller)),
    page: (caller: Caller, args: ConnectionArgs, filter: ImportFilter): Promise<Connection<ImportJob>> =>
      readConnection(args, {
        sortField: 'createdAt',
        direction: -1,
        read: ({ after, sort, limit }) =>
          Job.find({ ...ownedBy(caller), ...filter, ...after } as QueryFilter<ImportJob>, null, { sort, limit }).lean<
            ImportJob[]
          >(),
        count: () => countMatching(Job, { ...ownedBy(caller), ...filter }),
      }),
    /** The refused lines of a job that the caller was shown, by their number. */
    refusedLines: (jobId: string, args: ConnectionArgs): Promise<Connection<RefusedLine>> =>
      readConnection(args, {
        sortField: 'line',
        direction: 1,
        read: ({ after, sort, limit }) =>
          Refused.find({ jobId, ...after } as QueryFilter<RefusedLine>)
            .sort({ ...sort })
            .limit(limit)
            .lean<RefusedLine[]>(),
        count: () => Refused.countDocuments({ jobId }),
      }),
    /** Ends a job that is open and drops what of it was not read yet. */
    async end(
      session: ClientSession | null,
      jobId: string,
      outcome: {
        readonly state: 'COMPLETED' | 'FAILED' | 'CANCELLED'
        readonly failure?: ImportFailure
        readonly at: Date
        /** Only when nothing has moved since. */
        readonly idleSince?: Date
      },
    ): Promise<void> {
      const { state, failure = null, at, idleSince } = outcome
      const options = session === null ? {} : { session }
      const { matchedCount } = await Job.updateOne(
        {
          _id: jobId,
          state: { $in: ['RECEIVING', 'PROCESSING'] },
          ...(idleSince ? { updatedAt: { $lte: idleSince } } : {}),
        },
        {
          // Another try may use the external id again, a completed import keeps it.
          $set: { state, failure, finishedAt: at, updatedAt: at, carry: '', current: state === 'COMPLETED' },
        },
        options,
      )
      if (matchedCount > 0) await Chunk.deleteMany({ jobId }, options)
    },
  }
}
