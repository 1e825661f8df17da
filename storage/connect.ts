import { join } from 'node:path'
import mongoose from 'mongoose'
import { launchEmbedded } from './embedded/launch.ts'
import { endAbandonedWrites } from './end-abandoned-writes.ts'

export type StorageOptions = {
  /** A MongoDB replica set; without it the embedded database is started. */
  mongodbUri?: string
  /** The application's data folder; the embedded database lives in its subfolder `database`. */
  dataDir: string
  /** Shown in the server's logs. */
  appName?: string
}

export type Storage = {
  /** For other processes that are to share this storage, as their MONGODB_URI. */
  readonly uri: string
  readonly connection: mongoose.Connection
  /** Resolves with the reason if the embedded database ends by itself; undefined where there is none. */
  readonly lost: Promise<string> | undefined
  /** Whether the database answers now, as far as the driver's heartbeat knows. */
  isReachable(): boolean
  /** Closes the connection, and ends the embedded database if it was started here. */
  close(): Promise<void>
}

/** Connects mongoose to MONGODB_URI or to an embedded database of its own. Rejects when neither can be reached. */
export async function connectStorage({ mongodbUri, dataDir, appName }: StorageOptions): Promise<Storage> {
  const embedded = mongodbUri === undefined ? await launchEmbedded({ dataDir: join(dataDir, 'database') }) : undefined
  const uri = mongodbUri ?? (embedded as { uri: string }).uri
  endAbandonedWrites()
  const connection = mongoose.createConnection(uri, {
    ...(appName === undefined ? {} : { appName }),
    // Well below the gateway's deadline, so that an outage is answered as one and not as a time-out.
    serverSelectionTimeoutMS: 5_000,
  })
  try {
    await connection.asPromise()
  } catch (error) {
    await embedded?.stop()
    throw error
  }
  return {
    uri,
    connection,
    lost: embedded?.ended,
    isReachable: () => connection.readyState === mongoose.ConnectionStates.connected,
    async close() {
      await connection.close()
      await embedded?.stop()
    },
  }
}
