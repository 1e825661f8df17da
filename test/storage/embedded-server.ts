import { cp, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import mongoose from 'mongoose'
import { inject } from 'vitest'
import { launchEmbedded, type LaunchedServer } from '../../storage/embedded/launch.ts'

export type TestServer = AsyncDisposable & {
  readonly dataDir: string
  readonly uri: string
  readonly pid: number
  /** Another mongoose connection, with a client and a pool of its own. */
  connect(options?: mongoose.ConnectOptions): Promise<mongoose.Connection>
  /** Ends the process at once, as a power cut of the process would. */
  kill(): Promise<void>
  /** Ends the process in order. */
  stop(): Promise<void>
  /** Starts it on the same folder. */
  start(): Promise<void>
}

/**
 * A real embedded database in a process of its own, on a folder that is removed afterwards: an empty one, or a copy of
 * `from`, the folder of a database that is not running.
 */
export async function startServer({
  ttlSeconds,
  from,
}: { ttlSeconds?: number; from?: string } = {}): Promise<TestServer> {
  const dataDir = await mkdtemp(join(inject('runFolder'), 'trb-'))
  if (from !== undefined) await cp(from, dataDir, { recursive: true })
  const launch = (): Promise<LaunchedServer> =>
    launchEmbedded({ dataDir, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) })
  let server = await launch()
  const connections: mongoose.Connection[] = []
  return {
    dataDir,
    get uri() {
      return server.uri
    },
    get pid() {
      return server.pid
    },
    async connect(options = {}) {
      const connection = await mongoose
        .createConnection(server.uri, { serverSelectionTimeoutMS: 5000, ...options })
        .asPromise()
      connections.push(connection)
      return connection
    },
    async kill() {
      process.kill(server.pid, 'SIGKILL')
      await server.ended
    },
    stop: () => server.stop(),
    async start() {
      server = await launch()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(connections.map((connection) => connection.close()))
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
