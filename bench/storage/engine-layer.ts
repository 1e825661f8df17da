import { Binary, deserialize, Int32, Long, serialize } from 'bson'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { dispatch } from '../../storage/embedded/commands/dispatch.ts'
import { openDataFolder } from '../../storage/embedded/engine/data-folder.ts'
import { openEngine } from '../../storage/embedded/engine/open-engine.ts'
import { readDoc, type Doc } from '../../storage/embedded/query/bson.ts'
import { temporaryFolder } from '../measure/temporary-folder.ts'
import {
  anyDocument,
  check,
  codeOf,
  documentOf,
  documents,
  type Layer,
  type Operation,
  ownCpu,
  ownPair,
  pageSize,
} from './layer.ts'

interface Reply {
  readonly ok: number
  readonly n?: number
  readonly cursor?: { readonly firstBatch: readonly unknown[] }
}

/** The database in this process: commands and replies as BSON, and neither sockets nor a driver. */
export async function openEngineLayer(): Promise<Layer> {
  const folder = await temporaryFolder()
  const opened = openDataFolder(join(folder.path, 'database'), { address: 'this process', endsWithParent: false })
  const engine = openEngine({ environment: opened.environment, address: 'this process', onFault: reportFault })
  const sessions = new Map<number, { readonly lsid: Doc; txnNumber: number }>()
  const command = async (body: Doc): Promise<Reply> => {
    const asked = readDoc(serialize({ ...body, $db: body['$db'] ?? 'bench' }))
    return deserialize(await dispatch(asked, { engine, connectionId: 1, onFault: reportFault })) as Reply
  }
  /** As the driver sends them: reads in a session, writes with a number by which they can be retried. */
  const sessionOf = (client: number): { readonly lsid: Doc; txnNumber: number } => {
    const session = sessions.get(client) ?? {
      lsid: { id: new Binary(randomBytes(16), Binary.SUBTYPE_UUID) },
      txnNumber: 0,
    }
    sessions.set(client, session)
    return session
  }
  const reading = (client: number): Doc => ({ lsid: sessionOf(client).lsid })
  const writing = (client: number): Doc => {
    const session = sessionOf(client)
    return { lsid: session.lsid, txnNumber: Long.fromNumber(++session.txnNumber) }
  }
  const findOne = async (operation: Operation, filter: Doc, client: number): Promise<void> => {
    const { cursor } = await command({ find: 'docs', filter, limit: 1, singleBatch: true, ...reading(client) })
    check(cursor?.firstBatch.length === 1, operation)
  }
  let next = documents
  const work: Record<Operation, (client: number) => Promise<void>> = {
    read: (client) => findOne('read', { _id: anyDocument() }, client),
    'unique read': (client) => findOne('unique read', { code: codeOf(anyDocument()) }, client),
    async increment(client) {
      const { n } = await command({ update: 'docs', updates: [increment(anyDocument())], ...writing(client) })
      check(n === 1, 'increment')
    },
    async insert(client) {
      const { n } = await command({ insert: 'docs', documents: [documentOf(next++)], ...writing(client) })
      check(n === 1, 'insert')
    },
    async page(client) {
      const query = { filter: { _id: { $gte: 0 } }, sort: { _id: 1 }, limit: pageSize, batchSize: new Int32(pageSize) }
      const { cursor } = await command({ find: 'docs', ...query, ...reading(client) })
      check(cursor?.firstBatch.length === pageSize, 'page')
    },
    async transaction(client) {
      const transaction = { ...writing(client), autocommit: false }
      const [one, other] = ownPair(client)
      await command({ update: 'docs', updates: [increment(one)], ...transaction, startTransaction: true })
      await command({ update: 'docs', updates: [increment(other)], ...transaction })
      const { ok } = await command({ commitTransaction: 1, ...transaction, $db: 'admin' })
      check(ok === 1, 'transaction')
    },
  }
  await command({ createIndexes: 'docs', indexes: [{ key: { code: 1 }, name: 'code', unique: true }] })
  for (let from = 0; from < documents; from += 1_000) {
    const batch = Array.from({ length: 1_000 }, (_, place) => documentOf(from + place))
    check((await command({ insert: 'docs', documents: batch })).n === 1_000, 'insert')
  }
  return {
    name: 'engine, no wire',
    run: (operation, client) => work[operation](client),
    cpu: async () => ownCpu(),
    async [Symbol.asyncDispose]() {
      await engine.writer.idle()
      await opened.release()
      await folder[Symbol.asyncDispose]()
    },
  }
}

function increment(_id: number): Doc {
  return { q: { _id }, u: { $inc: { count: 1 } } }
}

function reportFault(error: unknown): void {
  process.stderr.write(`engine: ${String(error)}\n`)
}
