import type { ClientSession, Connection } from 'mongoose'
import type { Background, ImportLine, ImportRefusal } from '../../kit/background.ts'
import { createCaller } from '../../kit/caller.ts'
import { createId } from '../../kit/ids.ts'
import { auditOfMutation, openAudit, writeAudit } from '../../storage/audit.ts'
import type { ImportFailure, ImportJob, ImportProgress } from './import-job.ts'
import type { ImportModels } from './import-models.ts'
import { type RawLine, readCsv, readHeader, readNdjson, toLine } from './read-line.ts'
import { splitRecords } from './split-records.ts'

type BoundImporter = Background['importers'][number]

export interface ImportWork {
  readonly connection: Connection
  readonly models: ImportModels
  readonly importer: BoundImporter
  readonly now: () => Date
}

/** Lines that one transaction applies. */
const batchLines = 1_000
/** A record that has not ended within this many characters has lost its closing quote. */
const longestRecord = 512 * 1024
/** Refused lines after which the rest is likely to be wrong too. */
const mostRefused = 100_000

/** Another process went on with the job; what this one was about to do is done already. */
export class ImportMovedOn extends Error {
  override readonly name = 'ImportMovedOn'
}

/**
 * Applies the next batch of a job that has something to read; answers the job as it is then. A batch and the job's
 * progress are committed together, so that a line is applied once, however many processes die meanwhile.
 */
export async function applyNextBatch(work: ImportWork, job: ImportJob): Promise<ImportJob> {
  const text = await nextText(work.models, job)
  if (text === null) return job
  const { records, rest } = splitRecords(text.data, job.format, job.delimiter)
  // After the last chunk nothing can end it any more: what follows an open quote would be passed over in silence.
  if (rest.length > longestRecord || (text.isLast && rest !== '')) {
    const message = `The record after line ${job.linesRead} does not end; check its quotes and line breaks.`
    return fail(work, job, { code: 'UNENDED_RECORD', message })
  }
  const headed = takeHeader(work.importer, job, records)
  if ('failure' in headed) return fail(work, job, headed.failure)
  const { header, skipped } = headed
  const begin = Math.max(job.doneInChunk, skipped)
  const batch = records.slice(begin, begin + batchLines)
  const isLast = begin + batch.length >= records.length
  const progress: ImportProgress = {
    header,
    linesRead: job.linesRead + batch.length,
    linesApplied: job.linesApplied,
    linesRefused: job.linesRefused,
    ...(isLast
      ? { nextChunk: job.nextChunk + 1, doneInChunk: 0, carry: rest }
      : { nextChunk: job.nextChunk, doneInChunk: begin + batch.length, carry: job.carry }),
  }
  const raw = job.format === 'CSV' ? readCsv(batch, header ?? [], job.delimiter) : readNdjson(batch)
  return commitBatch(work, { job, progress, raw, ends: isLast && text.isLast })
}

/** The text to read next: what was left over and the next chunk; null while that was not received yet. */
async function nextText(models: ImportModels, job: ImportJob): Promise<{ data: string; isLast: boolean } | null> {
  if (job.nextChunk < job.receivedChunks) {
    const chunk = await models.chunks.findOne({ jobId: job._id, sequence: job.nextChunk }).lean()
    if (chunk === null) throw new ImportMovedOn()
    const data = job.nextChunk === 0 ? chunk.data.replace(/^\uFEFF/, '') : chunk.data
    return { data: job.carry + data, isLast: false }
  }
  // After the last chunk comes what it left over, which no line break has ended.
  return job.state === 'PROCESSING' ? { data: `${job.carry}\n`, isLast: true } : null
}

/** The columns' names and how many records of this text they take: one at the beginning of a CSV. */
function takeHeader(
  { columns }: BoundImporter,
  job: ImportJob,
  [first]: readonly string[],
): { readonly header: readonly string[] | null; readonly skipped: number } | { readonly failure: ImportFailure } {
  if (job.format === 'NDJSON' || job.header !== null) return { header: job.header, skipped: 0 }
  if (first === undefined) return { header: null, skipped: 0 }
  const header = readHeader(first, job.delimiter, columns)
  return 'code' in header ? { failure: header } : { header, skipped: 1 }
}

async function commitBatch(
  work: ImportWork,
  batch: {
    readonly job: ImportJob
    readonly progress: ImportProgress
    readonly raw: readonly RawLine[]
    readonly ends: boolean
  },
): Promise<ImportJob> {
  const { connection, models, importer, now } = work
  const { job, progress, raw, ends } = batch
  const checked = raw.map((record, place) => toLine(job.linesRead + place + 1, record, importer.columns))
  const lines = checked.flatMap((result) => ('line' in result ? [result.line] : []))
  const malformed = checked.flatMap((result) => ('refusal' in result ? [result.refusal] : []))
  const session = await connection.startSession()
  try {
    return await session.withTransaction(async () => {
      const notes = openAudit(session)
      const refusals = [...malformed, ...(await applyLines(importer, job, lines, session))]
      const refusedLines = new Set(refusals.map(({ line }) => line)).size
      await storeRefusals(models, job, refusals, { session, at: now() })
      const done: ImportProgress = {
        ...progress,
        linesApplied: job.linesApplied + raw.length - refusedLines,
        linesRefused: job.linesRefused + refusedLines,
      }
      const entry = auditOfMutation(
        { caller: createCaller(job.caller), now },
        { name: `import ${job.kind}`, input: null, id: job._id, codes: [], notes, shared: true },
      )
      await writeAudit(connection, [entry], session)
      const moved = await models.jobs
        .findOneAndUpdate(
          {
            _id: job._id,
            state: { $in: ['RECEIVING', 'PROCESSING'] },
            nextChunk: job.nextChunk,
            doneInChunk: job.doneInChunk,
          },
          { $set: { ...done, attempts: 0, updatedAt: now() } },
          { session, returnDocument: 'after' },
        )
        .lean()
      if (moved === null) throw new ImportMovedOn()
      if (done.nextChunk > job.nextChunk) {
        await models.chunks.deleteOne({ jobId: job._id, sequence: job.nextChunk }, { session })
      }
      const outcome = outcomeOf(done, job, ends)
      if (outcome === null) return moved
      await models.end(session, job._id, { ...outcome, at: now() })
      return { ...moved, state: outcome.state }
    })
  } finally {
    await session.endSession()
  }
}

async function applyLines(
  importer: BoundImporter,
  { caller }: ImportJob,
  lines: readonly ImportLine[],
  session: ClientSession,
): Promise<readonly ImportRefusal[]> {
  return lines.length === 0 ? [] : importer.apply(createCaller(caller), lines, session)
}

function outcomeOf(
  { header, linesRefused }: ImportProgress,
  { format }: ImportJob,
  ends: boolean,
): { state: 'COMPLETED' } | { state: 'FAILED'; failure: ImportFailure } | null {
  if (linesRefused > mostRefused) {
    const message = `More than ${mostRefused} lines were refused; the rest was not read. Mend the file and import it again.`
    return { state: 'FAILED', failure: { code: 'TOO_MANY_REFUSED', message } }
  }
  if (!ends) return null
  if (format === 'CSV' && header === null) {
    return {
      state: 'FAILED',
      failure: { code: 'MISSING_HEADER', message: 'The file is empty: a CSV begins with its columns.' },
    }
  }
  return { state: 'COMPLETED' }
}

async function storeRefusals(
  models: ImportModels,
  job: ImportJob,
  refusals: readonly ImportRefusal[],
  { session, at }: { readonly session: ClientSession; readonly at: Date },
): Promise<void> {
  if (refusals.length === 0) return
  await models.refused.insertMany(
    refusals.map((refusal) => ({ _id: createId('ImportRefusal'), jobId: job._id, ...refusal, createdAt: at })),
    { session, lean: true },
  )
}

async function fail({ models, now }: ImportWork, job: ImportJob, failure: ImportFailure): Promise<ImportJob> {
  await models.end(null, job._id, { state: 'FAILED', failure, at: now() })
  return { ...job, state: 'FAILED', failure }
}
