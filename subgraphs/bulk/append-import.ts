import type { ClientSession } from 'mongoose'
import { type ImportJob, importStates } from '../../jobs/imports/import-job.ts'
import { isIdOf } from '../../kit/ids.ts'
import { refuse } from '../../storage/mutate.ts'
import type { BulkContext } from './bulk-context.ts'
import { checkKind } from './start-import.ts'

export interface AppendImportInput {
  readonly importJobId: string
  readonly sequence: number
  readonly data: string
}
export interface FinishImportInput {
  readonly importJobId: string
  readonly chunks: number
}

/** Bytes of UTF-8 in one chunk. */
const longestChunk = 131_072
/** Chunks that may wait to be applied, so that a fast sender cannot fill the database with them. */
const mostWaiting = 64

/** Stores the next chunk; one that was received before changes nothing. */
export async function appendImport(
  context: BulkContext,
  input: AppendImportInput,
  session: ClientSession,
): Promise<string> {
  const { models, now } = context
  const { sequence, data } = input
  const bytes = Buffer.byteLength(data)
  if (bytes === 0 || bytes > longestChunk) {
    const message = `A chunk has 1 to ${longestChunk} bytes of UTF-8, this one has ${bytes}.`
    throw refuse('INVALID_INPUT', ['input', 'data'], message)
  }
  const job = await ownJob(context, input.importJobId, session)
  // Lines are applied in the name of the app that began: another of its organization must not borrow its permissions.
  await checkKind(context, job.kind, ['input', 'importJobId'])
  if (sequence >= 0 && sequence < job.receivedChunks) return job._id
  if (job.state !== 'RECEIVING')
    throw refuse('IMPORT_CLOSED', null, `The import is ${job.state} and takes no chunks any more.`)
  if (sequence !== job.receivedChunks) {
    const message = `The next chunk is ${job.receivedChunks}; send the chunks in order.`
    throw refuse('OUT_OF_ORDER', ['input', 'sequence'], message)
  }
  if (job.receivedChunks - job.nextChunk >= mostWaiting) {
    const message = `${mostWaiting} chunks wait to be applied; send this one again in a second or two.`
    throw refuse('IMPORT_BUSY', null, message)
  }
  const { matchedCount } = await models.jobs.updateOne(
    { _id: job._id, state: 'RECEIVING', receivedChunks: sequence },
    { $inc: { receivedChunks: 1, receivedBytes: bytes }, $set: { updatedAt: now() } },
    { session },
  )
  // The transaction read this state a moment ago: a change since makes it conflict and run again, never come here.
  if (matchedCount === 0) throw new Error(`import ${job._id} changed inside the transaction that read it`)
  await models.chunks.insertMany([{ _id: `${job._id}:${sequence}`, jobId: job._id, sequence, data }], { session })
  return job._id
}

/** Closes an import to further chunks. */
export async function finishImport(
  context: BulkContext,
  input: FinishImportInput,
  session: ClientSession,
): Promise<string> {
  const job = await ownJob(context, input.importJobId, session)
  if (input.chunks !== job.receivedChunks) {
    const message = `${job.receivedChunks} chunks were received, not ${input.chunks}; send the missing ones first.`
    throw refuse('OUT_OF_ORDER', ['input', 'chunks'], message)
  }
  // Said twice, as after an answer that was lost, it stays true.
  if (job.state === 'PROCESSING' || job.state === 'COMPLETED') return job._id
  requireTransition(job, 'PROCESSING')
  await context.models.jobs.updateOne(
    { _id: job._id },
    { $set: { state: 'PROCESSING', updatedAt: context.now() } },
    { session },
  )
  return job._id
}

/** Ends an import; what it has applied stays. */
export async function cancelImport(
  context: BulkContext,
  input: { readonly importJobId: string },
  session: ClientSession,
): Promise<string> {
  const job = await ownJob(context, input.importJobId, session)
  requireTransition(job, 'CANCELLED')
  await context.models.end(session, job._id, { state: 'CANCELLED', at: context.now() })
  return job._id
}

async function ownJob({ models, caller }: BulkContext, id: string, session: ClientSession): Promise<ImportJob> {
  const job = isIdOf('ImportJob', id)
    ? await models.jobs.findOne({ _id: id, organizationId: caller.organizationId }, null, { session }).lean<ImportJob>()
    : null
  if (job === null) throw refuse('IMPORT_NOT_FOUND', ['input', 'importJobId'], 'Your organization has no such import.')
  return job
}

function requireTransition(job: ImportJob, to: 'PROCESSING' | 'CANCELLED'): void {
  const refusal = importStates.refusal(job.state, to)
  if (refusal !== undefined) throw refuse('ILLEGAL_TRANSITION', null, refusal)
}
