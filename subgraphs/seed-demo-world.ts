import type { Connection } from 'mongoose'
import { v7 } from 'uuid'
import { subgraphs } from './registry.ts'

interface SeedRecord {
  readonly _id: 'demo-world'
  readonly state: 'begun' | 'done'
  /** Whose attempt this is, so that of two processes that seed at once only one can say that it is done. */
  readonly attempt: string
  readonly at: Date
}

interface SeedOptions {
  readonly connection: Connection
  readonly now: () => Date
  /** The installation's secret, from which the keys of the demo apps derive. */
  readonly secret: string
}

const collectionName = 'installation'

/** Of the running processes, and no data: a subgraph may have been started before the demo is seeded. */
const bookkeeping: ReadonlySet<string> = new Set([
  collectionName,
  'leases',
  'event_relay',
  'event_places',
  'event_sessions',
])

/**
 * Fills an empty database with the demo world. That it has begun is written down first and that it is done last: after
 * a crash in between, the next call clears the leftovers and begins again. A database with other data is left alone.
 */
export async function seedDemoWorld(options: SeedOptions): Promise<'seeded' | 'was seeded' | 'not empty'> {
  const { connection, now, secret } = options
  const before = await readRecord(connection)
  if (before?.state === 'done') return 'was seeded'
  if (before === null && !(await isEmpty(connection))) return 'not empty'
  const attempt = v7()
  const records = recordsOf(connection)
  await records.updateOne({ _id: 'demo-world' }, { $set: { state: 'begun', attempt, at: now() } }, { upsert: true })
  // Begun means that the database was empty before: everything in it is a leftover.
  if (before !== null) await clear(connection)
  for (const subgraph of subgraphs) {
    await subgraph.seed({ connection, now, secret })
  }
  const { matchedCount } = await records.updateOne(
    { _id: 'demo-world', attempt },
    { $set: { state: 'done', at: now() } },
  )
  if (matchedCount === 0) throw new Error('another process has begun to seed the same database; start again')
  return 'seeded'
}

function recordsOf(connection: Connection) {
  return connection.collection<SeedRecord>(collectionName)
}

async function readRecord(connection: Connection): Promise<SeedRecord | null> {
  return recordsOf(connection).findOne({ _id: 'demo-world' })
}

async function isEmpty(connection: Connection): Promise<boolean> {
  const collections = await dataCollections(connection)
  const first = await Promise.all(collections.map((name) => connection.collection(name).findOne({})))
  return first.every((document) => document === null)
}

async function clear(connection: Connection): Promise<void> {
  for (const name of await dataCollections(connection)) {
    await connection.collection(name).deleteMany({})
  }
}

async function dataCollections(connection: Connection): Promise<string[]> {
  const names = (await connection.listCollections()).map(({ name }) => name)
  return names.filter((name) => !bookkeeping.has(name) && !name.startsWith('system.'))
}
