import { deserialize, serialize } from 'bson'
import { open, type RootDatabase } from 'lmdb'
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

/** How documents become bytes and bytes documents. */
interface Codec {
  readonly read: (bytes: Buffer) => { _id?: unknown; count?: number }
  readonly write: (doc: object) => Uint8Array
}

const bson: Codec = { read: (bytes) => deserialize(bytes), write: serialize }

/** The same bytes without a look at them: what no database above lmdb can be cheaper than. */
const fixedBytes = Buffer.from(serialize(documentOf(1)))
const bytesOnly: Codec = { read: () => ({ _id: 0, count: 0 }), write: () => fixedBytes }

/** lmdb alone, with the reads and durable writes that an operation needs at least. */
export async function openLmdbLayer(withBson: boolean): Promise<Layer> {
  const { read, write } = withBson ? bson : bytesOnly
  const folder = await temporaryFolder()
  const db: RootDatabase<Buffer, Buffer> = open({ path: folder.path, keyEncoding: 'binary', encoding: 'binary' })
  let next = documents
  for (let number = 0; number < documents; number++) {
    void db.put(recordKey(number), Buffer.from(write(documentOf(number))))
    void db.put(codeKey(number), recordKey(number))
  }
  await db.flushed

  const found = (key: Buffer): Buffer => db.getBinary(key) as Buffer
  const increment = async (numbers: readonly number[]): Promise<void> => {
    await db.batch(() => {
      for (const number of numbers) {
        const doc = read(Buffer.from(found(recordKey(number))))
        void db.put(recordKey(number), Buffer.from(write({ ...doc, count: (doc.count ?? 0) + 1 })))
      }
    })
    await db.flushed
  }
  const work: Record<Operation, (client: number) => Promise<void>> = {
    async read() {
      check(read(found(recordKey(anyDocument())))._id !== undefined, 'read')
    },
    async 'unique read'() {
      check(read(found(found(codeKey(anyDocument()))))._id !== undefined, 'unique read')
    },
    increment: () => increment([anyDocument()]),
    async insert() {
      const number = next++
      await db.batch(() => {
        void db.put(recordKey(number), Buffer.from(write(documentOf(number))))
        void db.put(codeKey(number), recordKey(number))
      })
      await db.flushed
    },
    async page() {
      let count = 0
      for (const { value } of db.getRange({ start: recordKey(0), limit: pageSize })) {
        if (read(Buffer.from(value))._id !== undefined) count++
      }
      check(count === pageSize, 'page')
    },
    transaction: (client) => increment(ownPair(client)),
  }
  return {
    name: withBson ? 'lmdb and BSON' : 'lmdb alone',
    run: (operation, client) => work[operation](client),
    cpu: async () => ownCpu(),
    async [Symbol.asyncDispose]() {
      await db.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

function recordKey(number: number): Buffer {
  const key = Buffer.alloc(12)
  key.writeDoubleBE(number, 4)
  return key
}

function codeKey(number: number): Buffer {
  return Buffer.from(`code ${codeOf(number)}`)
}
