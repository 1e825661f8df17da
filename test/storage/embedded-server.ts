import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mongoose from 'mongoose'
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

/** A real embedded database in a process of its own, on a folder that is removed afterwards. */
export async function startServer({ ttlSeconds }: { ttlSeconds?: number } = {}): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'trb-'))
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
