import { stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { GraphError, type GraphClient } from '../../sdk/graph-client.ts'
import { createProgressLine } from '../progress-line.ts'
import { fileChunks } from './file-chunks.ts'

export interface ImportJobAnswer {
  readonly id: string
  readonly state: 'RECEIVING' | 'PROCESSING' | 'COMPLETED' | 'FAILED' | 'CANCELLED'
  readonly failure: { readonly code: string; readonly message: string } | null
  readonly receivedChunks: number
  readonly linesRead: number
  readonly linesApplied: number
  readonly linesRefused: number
}

interface Sending {
  readonly graph: GraphClient
  readonly file: string
  readonly kind: string
  readonly format: 'CSV' | 'NDJSON'
  readonly delimiter: string
  readonly externalId: string
  readonly print: (line: string) => void
  readonly signal: AbortSignal
}

interface Payload {
  readonly importJob: ImportJobAnswer | null
  readonly userErrors: readonly { readonly code: string; readonly message: string }[]
}

const jobFields = 'id state failure { code message } receivedChunks linesRead linesApplied linesRefused'
const waitMs = 500

/** Sends a file, from where an earlier attempt ended, and waits until its lines are applied. */
export async function sendFile(sending: Sending): Promise<ImportJobAnswer> {
  const { graph, file, kind, format, delimiter, externalId, print, signal } = sending
  const begun = await call(graph, 'startImport', 'StartImportInput', { kind, format, delimiter, externalId })
  if (begun.state === 'COMPLETED') {
    print('This file was imported before; pass --again to import it once more.')
    return begun
  }
  if (begun.receivedChunks > 0) print(`Going on with ${begun.id}: ${begun.receivedChunks} chunks were sent before.`)
  const { size } = await stat(file)
  const progress = createProgressLine(process.stderr)
  const tell = (job: ImportJobAnswer, sent: number): void => {
    const percent = size === 0 ? 100 : Math.floor((sent / size) * 100)
    progress.tell(`${percent} % sent, ${job.linesApplied} lines applied, ${job.linesRefused} refused`)
  }
  try {
    let job = begun
    let sequence = 0
    for await (const { text, bytesRead } of fileChunks(file)) {
      if (job.state === 'RECEIVING' && sequence >= begun.receivedChunks) {
        job = await append({ graph, signal, waiting: (seen) => tell(seen, bytesRead) }, job, sequence, text)
        tell(job, bytesRead)
      }
      sequence += 1
    }
    if (job.state === 'RECEIVING') {
      job = await call(graph, 'finishImport', 'FinishImportInput', { importJobId: job.id, chunks: sequence })
    }
    while (job.state === 'PROCESSING') {
      await pause(waitMs, undefined, { signal })
      job = await read(graph, job.id)
      tell(job, size)
    }
    return job
  } finally {
    progress.end()
  }
}

/** Sends a chunk, again and again while the server is busy with those before. */
async function append(
  { graph, signal, waiting }: { graph: GraphClient; signal: AbortSignal; waiting: (job: ImportJobAnswer) => void },
  job: ImportJobAnswer,
  sequence: number,
  data: string,
): Promise<ImportJobAnswer> {
  for (;;) {
    const { importJob, userErrors } = await send(graph, 'appendImport', 'AppendImportInput', {
      importJobId: job.id,
      sequence,
      data,
    })
    const [error] = userErrors
    if (error === undefined && importJob) return importJob
    // A failed import takes nothing more; why it failed is told by the import itself.
    if (error?.code === 'IMPORT_CLOSED' && importJob) return importJob
    if (error?.code !== 'IMPORT_BUSY') throw refusal(error)
    if (importJob) waiting(importJob)
    await pause(waitMs, undefined, { signal })
  }
}

async function call(graph: GraphClient, field: string, type: string, input: object): Promise<ImportJobAnswer> {
  const { importJob, userErrors } = await send(graph, field, type, input)
  if (userErrors.length > 0 || !importJob) throw refusal(userErrors[0])
  return importJob
}

async function send(graph: GraphClient, field: string, type: string, input: object): Promise<Payload> {
  const query = `mutation ($input: ${type}!) {
    payload: ${field}(input: $input) { importJob { ${jobFields} } userErrors { code message } }
  }`
  const { payload } = await graph.request<{ payload: Payload }>(query, { input })
  return payload
}

async function read(graph: GraphClient, id: string): Promise<ImportJobAnswer> {
  const { importJob } = await graph.request<{ importJob: ImportJobAnswer | null }>(
    `query ($id: ID!) { importJob(id: $id) { ${jobFields} } }`,
    { id },
  )
  if (importJob === null) throw new GraphError('IMPORT_NOT_FOUND', `The graph does not know ${id} any more.`)
  return importJob
}

function refusal(error: { readonly code: string; readonly message: string } | undefined): GraphError {
  return new GraphError(error?.code ?? 'UNKNOWN', error?.message ?? 'the graph answered no import')
}
