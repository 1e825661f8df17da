import type { Connection } from 'mongoose'
import type { Background } from '../../kit/background.ts'
import type { Logger } from '../../kit/log.ts'
import { createLease } from '../lease.ts'
import { ImportMovedOn, applyNextBatch } from './apply-chunk.ts'
import type { ImportJob } from './import-job.ts'
import { type ImportModels, createImportModels } from './import-models.ts'

type BoundImporter = Background['importers'][number]

interface Worker {
  readonly connection: Connection
  readonly models: ImportModels
  readonly importers: ReadonlyMap<string, BoundImporter>
  readonly log: Logger
  readonly now: () => Date
}

const pollMs = 1_000
const leaseSeconds = 30
/** Attempts at one batch before its import fails; the waits between them double from a second. */
const mostAttempts = 6
/** Batches of one job in a row, so that a large import does not keep small ones waiting. */
const turnBatches = 20

/** Announces the kinds that this process can apply and applies what is received of them, until it is closed. */
export function startImports(options: {
  readonly connection: Connection
  readonly importers: readonly BoundImporter[]
  readonly log: Logger
  readonly now: () => Date
}): { close(): Promise<void> } {
  const { connection, log, now } = options
  const importers = new Map(options.importers.map((importer) => [importer.kind, importer]))
  const worker: Worker = { connection, models: createImportModels(connection), importers, log, now }
  let closed = false
  let waiting: NodeJS.Timeout | undefined
  let turn: Promise<void> = Promise.resolve()

  const tick = async (): Promise<void> => {
    try {
      let more = true
      while (more) more = !closed && (await applyReceived(worker))
    } catch (error) {
      log.error({ err: error }, 'imports could not be read; they are tried again')
    }
    if (!closed) schedule()
  }
  const schedule = (): void => {
    waiting = setTimeout(() => {
      turn = tick()
    }, pollMs).unref()
  }
  if (importers.size > 0) {
    turn = announceKinds(worker)
      .catch((error: unknown) => log.error({ err: error }, 'the kinds of imports could not be announced'))
      .then(tick)
  }
  return {
    async close() {
      closed = true
      clearTimeout(waiting)
      await turn
    },
  }
}

/** Writes down which kinds can be imported, for the subgraph that takes imports in; it may be another process. */
export async function announceKinds({ models, importers }: Pick<Worker, 'models' | 'importers'>): Promise<void> {
  await models.prepare()
  for (const { kind, description, scope, columns } of importers.values()) {
    await models.kinds.updateOne({ _id: kind }, { $set: { description, scope, columns } }, { upsert: true })
  }
}

/** One turn for each job that has something to read; false when none had. */
export async function applyReceived(worker: Worker): Promise<boolean> {
  const { models, importers, now } = worker
  const waiting = await models.jobs
    .find({
      state: { $in: ['RECEIVING', 'PROCESSING'] },
      kind: { $in: [...importers.keys()] },
      retryAt: { $lte: now() },
      // Not only below: a hundred imports whose senders have gone to lunch would keep all others waiting.
      $or: [{ state: 'PROCESSING' }, { $expr: { $lt: ['$nextChunk', '$receivedChunks'] } }],
    })
    .limit(100)
    .lean<ImportJob[]>()
  let worked = false
  for (const job of waiting.filter(hasWork)) {
    if (await takeTurn(worker, job)) worked = true
  }
  return worked
}

function hasWork({ state, nextChunk, receivedChunks }: ImportJob): boolean {
  return state === 'PROCESSING' || nextChunk < receivedChunks
}

async function takeTurn(worker: Worker, found: ImportJob): Promise<boolean> {
  const { connection, models, importers, now } = worker
  const importer = importers.get(found.kind)
  const lease = createLease(connection, { name: `import:${found._id}`, seconds: leaseSeconds, now })
  if (importer === undefined || !(await lease.hold())) return false
  let job = found
  try {
    for (let batch = 0; batch < turnBatches && isActive(job) && hasWork(job); batch += 1) {
      job = await applyNextBatch({ connection, models, importer, now }, job)
      if (!(await lease.hold())) break
    }
    return true
  } catch (error) {
    if (error instanceof ImportMovedOn) return false
    await noteFailure(worker, job, error)
    return false
  } finally {
    await lease.release()
  }
}

function isActive({ state }: ImportJob): boolean {
  return state === 'RECEIVING' || state === 'PROCESSING'
}

async function noteFailure({ models, log, now }: Worker, job: ImportJob, error: unknown): Promise<void> {
  const attempts = job.attempts + 1
  log.error({ err: error, importJob: job._id, attempts }, 'a batch of an import failed')
  if (attempts >= mostAttempts) {
    const message = `The lines after line ${job.linesRead} could not be applied; see the log of the server for ${job._id}.`
    await models.end(null, job._id, { state: 'FAILED', failure: { code: 'INTERNAL', message }, at: now() })
    return
  }
  const retryAt = new Date(now().getTime() + 1_000 * 2 ** (attempts - 1))
  await models.jobs.updateOne({ _id: job._id, nextChunk: job.nextChunk }, { $set: { attempts, retryAt } })
}
