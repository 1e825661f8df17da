import type { ClientSession } from 'mongoose'
import type { ImportFormat, ImportJob } from '../../jobs/imports/import-job.ts'
import { createId } from '../../kit/ids.ts'
import { MutationRefused, refuse } from '../../storage/mutate.ts'
import type { BulkContext } from './bulk-context.ts'

export interface StartImportInput {
  readonly kind: string
  readonly format: ImportFormat
  readonly delimiter: string
  readonly externalId: string
}

const delimiters = [',', ';', '\t']
/** Imports of one organization that may be open at once: they share the workers with everyone's. */
const mostOpen = 10

/** Begins an import of the caller's organization, or answers the one of this external id that is open or completed. */
export async function startImport(
  { models, caller, now }: BulkContext,
  input: StartImportInput,
  session: ClientSession,
): Promise<string> {
  const { kind, format, delimiter, externalId } = input
  await checkKind({ models, caller }, kind)
  if (externalId === '' || externalId.length > 200) {
    throw refuse('INVALID_INPUT', ['input', 'externalId'], 'externalId must have 1 to 200 characters.')
  }
  if (!delimiters.includes(delimiter)) {
    throw refuse('INVALID_INPUT', ['input', 'delimiter'], 'delimiter must be a comma, a semicolon or a tab.')
  }
  const { organizationId } = caller
  const known = await models.jobs.findOne({ organizationId, kind, externalId, current: true }, null, { session }).lean()
  if (known !== null) return known._id
  const open = await models.jobs.countDocuments(
    { organizationId, state: { $in: ['RECEIVING', 'PROCESSING'] } },
    { session },
  )
  if (open >= mostOpen) {
    const message = `Your organization has ${open} imports open; finish or cancel one first.`
    throw refuse('TOO_MANY_IMPORTS', null, message)
  }
  const at = now()
  const job: ImportJob = {
    _id: createId('ImportJob'),
    organizationId,
    caller,
    kind,
    format,
    delimiter,
    externalId,
    current: true,
    state: 'RECEIVING',
    failure: null,
    receivedChunks: 0,
    receivedBytes: 0,
    nextChunk: 0,
    doneInChunk: 0,
    carry: '',
    header: null,
    linesRead: 0,
    linesApplied: 0,
    linesRefused: 0,
    attempts: 0,
    retryAt: at,
    createdAt: at,
    updatedAt: at,
    finishedAt: null,
  }
  await models.jobs.insertMany([job], { session, lean: true })
  return job._id
}

/** Refuses a kind that is not known, or that the caller may not import. */
export async function checkKind(
  { models, caller }: Pick<BulkContext, 'models' | 'caller'>,
  kind: string,
  field: readonly string[] = ['input', 'kind'],
): Promise<void> {
  const found = await models.kinds.findById(kind).lean()
  if (found === null) {
    const kinds = await models.kinds.find().sort({ _id: 1 }).lean()
    const names = kinds.map(({ _id }) => _id).join(', ')
    const message = `There is no such kind; ${names === '' ? 'no process has announced one yet' : `the kinds are ${names}`}.`
    throw refuse('UNKNOWN_KIND', field, message)
  }
  if (!caller.scopes.includes(found.scope)) {
    const message = `An import of ${kind} needs the permission ${found.scope}, which your app has not.`
    throw new MutationRefused([{ code: 'FORBIDDEN_KIND', field, message }])
  }
}
