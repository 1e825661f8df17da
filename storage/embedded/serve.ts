import { chmodSync, existsSync, unlinkSync } from 'node:fs'
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { dispatch } from './commands/dispatch.ts'
import { DataFolderError, openDataFolder, type FolderOwner, type OpenFolder } from './engine/data-folder.ts'
import { openEngine } from './engine/open-engine.ts'
import { startSweeping } from './engine/sweeper.ts'
import { serveConnection } from './wire/serve-connection.ts'

export type ServeOptions = {
  dataDir: string
  /** A unix socket path, or a port of the loopback interface, 0 for any free one. */
  listen: { socket: string } | { port: number }
  ttlSeconds: number
  /** This process ends with the one that started it. */
  endsWithParent: boolean
  onFault: (reason: string) => void
}

export type RunningServer = {
  /** To connect with: one member that is the primary of a replica set. */
  readonly uri: string
  close(): Promise<void>
}

/** How long the process that had the folder before may take to end. */
const handOverMs = 10_000

/** Opens the data folder and serves it until closed. */
export async function serve({
  dataDir,
  listen,
  ttlSeconds,
  endsWithParent,
  onFault,
}: ServeOptions): Promise<RunningServer> {
  const report = (error: unknown): void =>
    onFault(error instanceof Error ? (error.stack ?? error.message) : String(error))
  const folder = await takeOver(dataDir, {
    address: 'socket' in listen ? listen.socket : 'the loopback interface',
    endsWithParent,
  })
  const sockets = new Set<Socket>()
  const server = createServer()
  const address = await startListening(server, listen)
  const engine = openEngine({ environment: folder.environment, address, onFault: report })
  let connections = 0
  server.on('connection', (socket) => {
    const connectionId = ++connections
    sockets.add(socket)
    serveConnection(socket, {
      handler: {
        answer: ({ command }) => dispatch(command, { engine, connectionId, onFault: report }),
        closed() {
          sockets.delete(socket)
          engine.sessions.connectionClosed(connectionId)
        },
      },
      onFault: (reason) => onFault(`connection ${connectionId} closed: ${reason}`),
    })
  })
  const stopSweeping = startSweeping(engine, { ttlSeconds, onFault: report })
  const host = 'socket' in listen ? encodeURIComponent(listen.socket) : address
  return {
    uri: `mongodb://${host}/tributary?directConnection=true`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      engine.sessions.abortAll()
      engine.cursors.killWhere(() => true)
      await stopSweeping()
      // What was received before is answered; nothing more is read.
      for (const socket of sockets) socket.pause()
      await engine.finish()
      for (const socket of sockets) socket.destroySoon()
      await closed
      await folder.release()
    },
  }
}

/** After a crash of the application the database that it had started may still be closing. */
async function takeOver(dataDir: string, owner: FolderOwner): Promise<OpenFolder> {
  const deadline = performance.now() + handOverMs
  for (;;) {
    try {
      return openDataFolder(dataDir, owner)
    } catch (error) {
      if (!(error instanceof DataFolderError) || !error.passing || performance.now() > deadline) throw error
    }
    await setTimeout(50)
  }
}

async function startListening(server: Server, listen: ServeOptions['listen']): Promise<string> {
  if ('socket' in listen) await removeStaleSocket(listen.socket)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    const done = (): void => {
      server.off('error', reject)
      resolve()
    }
    if ('socket' in listen) server.listen(listen.socket, done)
    else server.listen(listen.port, '127.0.0.1', done)
  })
  if (!('socket' in listen)) return `127.0.0.1:${(server.address() as AddressInfo).port}`
  chmodSync(listen.socket, 0o700)
  return listen.socket
}

/** A killed process leaves its socket behind, and listening on it would fail. */
async function removeStaleSocket(path: string): Promise<void> {
  if (!existsSync(path)) return
  const answered = await new Promise<boolean>((resolve) => {
    const probe = createConnection(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
  if (answered) throw new Error(`another process listens on ${path}`)
  unlinkSync(path)
}
