import mongoose from 'mongoose'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { launchEmbedded } from '../../storage/embedded/launch.ts'
import { readProcesses } from '../measure/processes.ts'
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

type Docs = mongoose.mongo.Collection<{ _id: number; count: number }>

interface Server extends AsyncDisposable {
  readonly name: string
  readonly uri: string
  readonly cpuMs: (client: mongoose.mongo.MongoClient) => Promise<number>
}

/** The embedded database in a process of its own, as the application has it. */
export async function openEmbeddedLayer(clients: number): Promise<Layer> {
  const folder = await temporaryFolder()
  const server = await launchEmbedded({ dataDir: join(folder.path, 'database') })
  return openDriverLayer(clients, {
    name: 'embedded database',
    uri: server.uri,
    cpuMs: async () => readProcesses(server.pid).reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    async [Symbol.asyncDispose]() {
      await server.stop()
      await folder[Symbol.asyncDispose]()
    },
  })
}

/** The server of TEST_MONGODB_URI, which tells its own CPU time. */
export function openReplicaSetLayer(clients: number, uri: string): Promise<Layer> {
  return openDriverLayer(clients, {
    name: 'TEST_MONGODB_URI',
    uri,
    async cpuMs(client) {
      const { extra_info: extra } = await client.db('admin').command({ serverStatus: 1 })
      return (Number(extra?.user_time_us) + Number(extra?.system_time_us)) / 1_000
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  })
}

async function openDriverLayer(clients: number, server: Server): Promise<Layer> {
  const mongo = await new mongoose.mongo.MongoClient(server.uri, { maxPoolSize: clients }).connect()
  const db = mongo.db(`bench_${randomUUID().slice(0, 8)}`)
  const docs: Docs = db.collection('docs')
  await docs.createIndex({ code: 1 }, { unique: true })
  await docs.insertMany(Array.from({ length: documents }, (_, number) => stored(number)))
  const sessions = Array.from({ length: clients }, () => mongo.startSession())
  let next = documents
  const increment = { $inc: { count: 1 } }
  const work: Record<Operation, (client: number) => Promise<void>> = {
    async read() {
      check((await docs.findOne({ _id: anyDocument() })) !== null, 'read')
    },
    async 'unique read'() {
      check((await docs.findOne({ code: codeOf(anyDocument()) })) !== null, 'unique read')
    },
    async increment() {
      check((await docs.updateOne({ _id: anyDocument() }, increment)).modifiedCount === 1, 'increment')
    },
    async insert() {
      check((await docs.insertOne(stored(next++))).acknowledged, 'insert')
    },
    async page() {
      const page = docs.find({ _id: { $gte: 0 } }, { sort: { _id: 1 }, limit: pageSize, batchSize: pageSize })
      check((await page.toArray()).length === pageSize, 'page')
    },
    async transaction(client) {
      const session = sessions[client] as mongoose.mongo.ClientSession
      const [one, other] = ownPair(client)
      await session.withTransaction(async () => {
        await docs.updateOne({ _id: one }, increment, { session })
        await docs.updateOne({ _id: other }, increment, { session })
      })
    },
  }
  return {
    name: server.name,
    run: (operation, client) => work[operation](client),
    cpu: async () => ({ serverMs: await server.cpuMs(mongo), clientMs: ownCpu().serverMs }),
    async [Symbol.asyncDispose]() {
      await db.dropDatabase()
      await Promise.all(sessions.map((session) => session.endSession()))
      await mongo.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

function stored(number: number): { _id: number; count: number } {
  return documentOf(number) as { _id: number; count: number }
}
