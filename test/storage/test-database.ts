import { randomUUID } from 'node:crypto'
import mongoose from 'mongoose'
import { startServer } from './embedded-server.ts'

/** What tests need of a database, be it embedded or on a real replica set. */
export type TestDatabase = AsyncDisposable & {
  readonly uri: string
  /** Another mongoose connection, with a client and a pool of its own. */
  connect(options?: mongoose.ConnectOptions): Promise<mongoose.Connection>
}

/** A replica set that the tests are to use instead of the embedded database: TEST_MONGODB_URI. */
export const replicaSetUri = process.env['TEST_MONGODB_URI'] || undefined

/** An empty database of its own for one test, of the replica set where one is named, else embedded. */
export async function openTestDatabase(): Promise<TestDatabase> {
  return (await openReplicaSetDatabase()) ?? (await startServer())
}

/** An empty database on the replica set, dropped afterwards; undefined when TEST_MONGODB_URI names none. */
export async function openReplicaSetDatabase(): Promise<TestDatabase | undefined> {
  if (replicaSetUri === undefined) return undefined
  const uri = withDatabase(replicaSetUri, `tributary_test_${randomUUID().slice(0, 8)}`)
  const connections: mongoose.Connection[] = []
  const connect = async (options: mongoose.ConnectOptions = {}): Promise<mongoose.Connection> => {
    const connection = await mongoose
      .createConnection(uri, { serverSelectionTimeoutMS: 30_000, ...options })
      .asPromise()
    connections.push(connection)
    return connection
  }
  const owner = await connect()
  return {
    uri,
    connect,
    async [Symbol.asyncDispose]() {
      await owner.dropDatabase()
      await Promise.all(connections.map((connection) => connection.close()))
    },
  }
}

/** The URI with another database, authenticated where the given one would have been. */
export function withDatabase(uri: string, name: string): string {
  const parts = /^(?<server>mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/(?<database>[^?]*))?(?:\?(?<options>.*))?$/.exec(
    uri,
  )?.groups
  if (parts === undefined) throw new Error('TEST_MONGODB_URI is no MongoDB connection string')
  const options = new URLSearchParams(parts['options'])
  // Without it the database in the path would be asked for the user.
  if (parts['server']?.includes('@') && !options.has('authSource')) {
    options.set('authSource', parts['database'] || 'admin')
  }
  const query = options.toString()
  return `${parts['server']}/${name}${query === '' ? '' : `?${query}`}`
}
