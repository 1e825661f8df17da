import type { Connection } from 'mongoose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ImportJob } from '../../jobs/imports/import-job.ts'
import { createImportModels } from '../../jobs/imports/import-models.ts'
import { announceKinds, applyReceived } from '../../jobs/imports/run-imports.ts'
import type { Background } from '../../kit/background.ts'
import { createLogger } from '../../kit/log.ts'
import { bulkSubgraph } from '../../subgraphs/bulk/subgraph.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph } from '../subgraphs/subgraph-under-test.ts'

interface Counted {
  readonly _id: string
  readonly count: number
  readonly times: number
}
type BoundImporter = Background['importers'][number]

let bulk: SubgraphUnderTest
let failures = 0

/** Counts how often each line was applied; refuses negative counts. */
function countsImporter(connection: Connection): BoundImporter {
  const counts = connection.collection<Counted>('test_counts')
  return {
    kind: 'counts',
    description: 'A count of a thing.',
    scope: 'inventory:write',
    columns: [
      { name: 'thing', description: 'The thing.', required: true, type: 'text' },
      { name: 'count', description: 'How many.', required: true, type: 'integer' },
    ],
    async apply(_caller, lines, session) {
      if (failures > 0) {
        failures -= 1
        throw new Error('the disk is full')
      }
      const good = lines.filter(({ values }) => Number(values['count']) >= 0)
      if (good.length > 0) {
        await counts.bulkWrite(
          good.map(({ values }) => ({
            updateOne: {
              filter: { _id: String(values['thing']) },
              update: { $set: { count: Number(values['count']) }, $inc: { times: 1 } },
              upsert: true,
            },
          })),
          { session },
        )
      }
      return lines
        .filter((line) => !good.includes(line))
        .map(({ number }) => ({ line: number, column: 'count', code: 'NEGATIVE', message: 'No.' }))
    },
  }
}

function worker() {
  const { connection } = bulk
  return {
    connection,
    models: createImportModels(connection),
    importers: new Map([['counts', countsImporter(connection)]]),
    log: createLogger('test', 'silent'),
    now: () => bulk.now(),
  }
}

async function work(): Promise<void> {
  while (await applyReceived(worker()));
}

const jobFields =
  'id state failure { code message } receivedChunks appliedChunks linesRead linesApplied linesRefused refusedLines { nodes { line column code } totalCount }'

type Job = Pick<ImportJob, 'state' | 'failure' | 'receivedChunks' | 'linesRead' | 'linesApplied' | 'linesRefused'> & {
  readonly id: string
  readonly refusedLines: {
    readonly nodes: readonly { line: number; column: string; code: string }[]
    totalCount: number
  }
}
interface Payload {
  readonly importJob: Job | null
  readonly userErrors: readonly { readonly code: string; readonly message: string }[]
}

async function send(field: string, input: object, caller = operator): Promise<Payload> {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`
  const query = `mutation ($input: ${type}!) { payload: ${field}(input: $input) { importJob { ${jobFields} } userErrors { code message } } }`
  const { data, errors } = await bulk.execute<{ payload: Payload }>(caller, query, { input })
  expect(errors).toBeUndefined()
  return data.payload
}

async function start(input: object = {}, caller = operator): Promise<Job> {
  const { importJob, userErrors } = await send(
    'startImport',
    { kind: 'counts', format: 'CSV', externalId: crypto.randomUUID(), ...input },
    caller,
  )
  expect(userErrors).toEqual([])
  return importJob as Job
}

async function read(id: string, caller = operator): Promise<Job | null> {
  const { data } = await bulk.execute<{ importJob: Job | null }>(
    caller,
    `query ($id: ID!) { importJob(id: $id) { ${jobFields} } }`,
    { id },
  )
  return data.importJob
}

/** Sends a whole file and applies it. */
async function importAll(chunks: readonly string[], input: object = {}): Promise<Job> {
  const { id: importJobId } = await start(input)
  for (const [sequence, data] of chunks.entries()) {
    expect((await send('appendImport', { importJobId, sequence, data })).userErrors).toEqual([])
  }
  await send('finishImport', { importJobId, chunks: chunks.length })
  await work()
  return (await read(importJobId)) as Job
}

const stored = () => bulk.connection.collection<Counted>('test_counts').find().sort({ _id: 1 }).toArray()

beforeAll(async () => {
  bulk = await startSubgraph(bulkSubgraph, () => Promise.resolve())
  await bulk.connection.createCollection('test_counts')
  await announceKinds(worker())
})
afterAll(() => bulk.stop())
beforeEach(async () => {
  failures = 0
  await bulk.connection.collection('test_counts').deleteMany({})
  await bulk.connection.collection('import_jobs').deleteMany({})
  await bulk.connection.collection('import_chunks').deleteMany({})
})

describe('an import', () => {
  it('applies the lines of all chunks, cut within a line, and tells those that were refused', async () => {
    const job = await importAll(['thing,count\nscrew,1\nnu', 't,2\nbolt,-1\nnail,x\n', '"wing, nut",4'])
    expect(job).toMatchObject({ state: 'COMPLETED', linesRead: 5, linesApplied: 3, linesRefused: 2, failure: null })
    expect(job.refusedLines).toEqual({
      totalCount: 2,
      nodes: [
        { line: 3, column: 'count', code: 'NEGATIVE' },
        { line: 4, column: 'count', code: 'INVALID_VALUE' },
      ],
    })
    expect(await stored()).toEqual([
      { _id: 'nut', count: 2, times: 1 },
      { _id: 'screw', count: 1, times: 1 },
      { _id: 'wing, nut', count: 4, times: 1 },
    ])
    expect(await bulk.connection.collection('import_chunks').countDocuments()).toBe(0)
  })

  it('reads NDJSON and a byte order mark', async () => {
    const job = await importAll(['\uFEFF{"thing":"a","count":1}\n{"thing":"b","count":2', '}\nnonsense'], {
      format: 'NDJSON',
    })
    expect(job).toMatchObject({ state: 'COMPLETED', linesApplied: 2, linesRefused: 1 })
    expect((await importAll(['\uFEFFthing;count\nc;3'], { delimiter: ';' })).linesApplied).toBe(1)
    expect((await stored()).map(({ _id }) => _id)).toEqual(['a', 'b', 'c'])
  })

  it('applies lines while others are still sent, more than one batch of a chunk too', async () => {
    const { id: importJobId } = await start()
    const lines = Array.from({ length: 2_500 }, (_, n) => `t${n},${n}`).join('\n')
    await send('appendImport', { importJobId, sequence: 0, data: `thing,count\n${lines}` })
    await work()
    expect(await read(importJobId)).toMatchObject({ state: 'RECEIVING', linesRead: 2_499, linesApplied: 2_499 })
    await send('finishImport', { importJobId, chunks: 1 })
    await work()
    expect(await read(importJobId)).toMatchObject({ state: 'COMPLETED', linesApplied: 2_500 })
    expect((await stored()).every(({ times }) => times === 1)).toBe(true)
  })

  it('applies each line once with five workers at once', async () => {
    const { id: importJobId } = await start()
    const lines = Array.from({ length: 4_000 }, (_, n) => `t${n},${n}`).join('\n')
    await send('appendImport', { importJobId, sequence: 0, data: `thing,count\n${lines}\n` })
    await send('finishImport', { importJobId, chunks: 1 })
    await Promise.all(Array.from({ length: 5 }, work))
    await work()
    expect(await read(importJobId)).toMatchObject({ state: 'COMPLETED', linesApplied: 4_000 })
    expect((await stored()).filter(({ times }) => times !== 1)).toEqual([])
  })

  it('takes a chunk that comes twice once, and refuses one that comes too early', async () => {
    const { id: importJobId } = await start()
    const first = { importJobId, sequence: 0, data: 'thing,count\na,1\n' }
    await Promise.all([send('appendImport', first), send('appendImport', first), send('appendImport', first)])
    expect((await send('appendImport', { ...first, sequence: 2 })).userErrors).toMatchObject([{ code: 'OUT_OF_ORDER' }])
    expect((await send('finishImport', { importJobId, chunks: 3 })).userErrors).toMatchObject([
      { code: 'OUT_OF_ORDER' },
    ])
    await send('finishImport', { importJobId, chunks: 1 })
    expect((await send('finishImport', { importJobId, chunks: 1 })).userErrors).toEqual([])
    await work()
    expect(await stored()).toEqual([{ _id: 'a', count: 1, times: 1 }])
    expect((await send('appendImport', { ...first, sequence: 1 })).userErrors).toMatchObject([
      { code: 'IMPORT_CLOSED', message: 'The import is COMPLETED and takes no chunks any more.' },
    ])
  })

  it('of an external id that is open or completed is answered again, after a failure it begins anew', async () => {
    const input = { externalId: 'monday' }
    const { id: importJobId } = await start(input)
    expect((await start(input)).id).toBe(importJobId)
    await send('appendImport', { importJobId, sequence: 0, data: 'thing,weight\n' })
    await work()
    expect(await read(importJobId)).toMatchObject({ state: 'FAILED', failure: { code: 'UNKNOWN_COLUMN' } })
    const again = await importAll(['thing,count\na,1'], input)
    expect(again.id).not.toBe(importJobId)
    expect((await start(input)).id).toBe(again.id)
  })

  it('asks its sender to wait while 64 chunks wait', async () => {
    const { id: importJobId } = await start()
    for (let sequence = 0; sequence < 64; sequence += 1) {
      await send('appendImport', { importJobId, sequence, data: sequence === 0 ? 'thing,count\n' : `t${sequence},1\n` })
    }
    const next = { importJobId, sequence: 64, data: 'z,1\n' }
    expect((await send('appendImport', next)).userErrors).toMatchObject([{ code: 'IMPORT_BUSY' }])
    await work()
    expect((await send('appendImport', next)).userErrors).toEqual([])
  })

  it('is tried again after a failure to apply, with longer and longer waits, and given up after six', async () => {
    failures = 2
    const job = await importAll(['thing,count\na,1'])
    expect(job).toMatchObject({ state: 'PROCESSING', linesApplied: 0 })
    bulk.advanceClock(1_000)
    await work()
    bulk.advanceClock(2_000)
    await work()
    expect(await read(job.id)).toMatchObject({ state: 'COMPLETED', linesApplied: 1 })
    failures = 6
    const lost = await importAll(['thing,count\nb,1'])
    for (let attempt = 0; attempt < 5; attempt += 1) {
      bulk.advanceClock(60_000)
      await work()
    }
    expect(await read(lost.id)).toMatchObject({ state: 'FAILED', failure: { code: 'INTERNAL' } })
    expect(await stored()).toEqual([{ _id: 'a', count: 1, times: 1 }])
  })

  it('fails when a quote is never closed, and when a CSV is empty', async () => {
    const endless = `thing,count\n"${'x'.repeat(120_000)}`
    const filler = 'y'.repeat(131_000)
    const { id: importJobId } = await start()
    for (const [sequence, data] of [endless, filler, filler, filler, filler].entries()) {
      await send('appendImport', { importJobId, sequence, data })
    }
    await work()
    expect(await read(importJobId)).toMatchObject({ state: 'FAILED', failure: { code: 'UNENDED_RECORD' } })
    const short = await importAll(['thing,count\na,1\n"b,2\nc,3\nd,4\n'])
    expect(short).toMatchObject({ state: 'FAILED', failure: { code: 'UNENDED_RECORD' }, linesApplied: 1 })
    expect(await importAll([])).toMatchObject({ state: 'FAILED', failure: { code: 'MISSING_HEADER' } })
    expect(await importAll([], { format: 'NDJSON' })).toMatchObject({ state: 'COMPLETED', linesRead: 0 })
  })

  it('can be cancelled, and is when nothing came for a day', async () => {
    const { id: importJobId } = await start()
    await send('appendImport', { importJobId, sequence: 0, data: 'thing,count\na,1\n' })
    expect((await send('cancelImport', { importJobId })).importJob).toMatchObject({ state: 'CANCELLED' })
    expect((await send('cancelImport', { importJobId })).userErrors).toMatchObject([
      { code: 'ILLEGAL_TRANSITION', message: 'The import is CANCELLED and cannot become CANCELLED; it is final.' },
    ])
    await work()
    expect(await stored()).toEqual([])
    const { id: forgotten } = await start()
    bulk.advanceClock(23 * 60 * 60 * 1_000)
    await bulk.runTimers()
    expect(await read(forgotten)).toMatchObject({ state: 'RECEIVING' })
    bulk.advanceClock(2 * 60 * 60 * 1_000)
    await bulk.runTimers()
    expect(await read(forgotten)).toMatchObject({ state: 'CANCELLED' })
  })

  it('takes no lines from an app without the permission of the kind, whichever app of the organization began', async () => {
    const { id: importJobId } = await start()
    const weak = { ...operator, scopes: ['bulk:write'] }
    const { userErrors } = await send('appendImport', { importJobId, sequence: 0, data: 'thing,count\na,1\n' }, weak)
    expect(userErrors).toMatchObject([{ code: 'FORBIDDEN_KIND' }])
    expect(await read(importJobId)).toMatchObject({ receivedChunks: 0 })
  })

  it('is applied although a hundred others were begun before it and have sent nothing', async () => {
    for (let organization = 0; organization < 11; organization += 1) {
      const sender = callerOf(`idle-${organization}`, { scopes: ['bulk:write', 'inventory:write'] })
      await Promise.all(Array.from({ length: 10 }, () => start({}, sender)))
    }
    const { id: importJobId } = await start()
    await send('appendImport', { importJobId, sequence: 0, data: 'thing,count\na,1\n' })
    await work()
    expect(await read(importJobId)).toMatchObject({ state: 'RECEIVING', linesApplied: 1 })
  })

  it('is refused without a known kind, its permission or a usable name', async () => {
    const input = { kind: 'counts', format: 'CSV', externalId: 'x' }
    const refused = async (changes: object, caller = operator) =>
      (await send('startImport', { ...input, ...changes }, caller)).userErrors.map(({ code }) => code)
    expect(await refused({ kind: 'nonsense' })).toEqual(['UNKNOWN_KIND'])
    expect(await refused({}, callerOf('northwind', { scopes: ['bulk:write'] }))).toEqual(['FORBIDDEN_KIND'])
    expect(await refused({ externalId: '' })).toEqual(['INVALID_INPUT'])
    expect(await refused({ delimiter: '|' })).toEqual(['INVALID_INPUT'])
    for (let open = 0; open < 10; open += 1) {
      await start()
    }
    expect(await refused({})).toEqual(['TOO_MANY_IMPORTS'])
  })

  it('is seen by its own organization and the operator only, and every read has an index', async () => {
    const northwind = callerOf('northwind')
    const { id } = await start({}, northwind)
    expect(await read(id, callerOf('contoso'))).toBeNull()
    expect(await read(id, operator)).toMatchObject({ id })
    const { userErrors } = await send('appendImport', { importJobId: id, sequence: 0, data: 'x' }, callerOf('contoso'))
    expect(userErrors).toMatchObject([{ code: 'IMPORT_NOT_FOUND' }])
    const list = `query ($kind: String, $state: ImportState, $after: String) { importKinds { kind columns { name } }
      importJobs(first: 1, kind: $kind, state: $state, after: $after) { nodes { id refusedLines { totalCount nodes { line } } } totalCount pageInfo { endCursor } } }`
    const scans = await bulk.scansOf(async () => {
      for (const caller of [northwind, operator]) {
        for (const filter of [{}, { kind: 'counts' }, { state: 'RECEIVING' }, { kind: 'counts', state: 'RECEIVING' }]) {
          const { data, errors } = await bulk.execute<{
            importJobs: { totalCount: number; pageInfo: { endCursor: string } }
          }>(caller, list, filter)
          expect(errors).toBeUndefined()
          expect(data.importJobs.totalCount).toBe(1)
          await bulk.execute(caller, list, { ...filter, after: data.importJobs.pageInfo.endCursor })
        }
      }
      await work()
      await bulk.runTimers()
    })
    expect(scans).toEqual([])
  })
})
