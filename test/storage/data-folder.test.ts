import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { open } from 'lmdb'
import { expect, test } from 'vitest'
import { connectStorage } from '../../storage/connect.ts'
import { launchEmbedded } from '../../storage/embedded/launch.ts'
import { startServer } from './embedded-server.ts'

/** What is touched of the driver's own parts, to close a connection at a moment of the test's choice. */
type DriverServer = { pool: { connections: { toArray(): { socket: Socket }[] } } }

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'trb-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

test('a folder that is served already is refused, naming the process that serves it', async () => {
  await using server = await startServer()
  await expect(launchEmbedded({ dataDir: server.dataDir })).rejects.toThrow(
    new RegExp(`already served by process ${server.pid}.*MONGODB_URI`),
  )
  expect((await (await server.connect()).db?.admin().ping()) as unknown).toMatchObject({ ok: 1 })
})

test('after kill -9 of the application its database ends, and the next start goes on at once', async () => {
  await using folder = await temporaryFolder()
  const program = fileURLToPath(new URL('./launch-and-wait.ts', import.meta.url))
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const application = spawn(process.execPath, ['--import', tsx, program, folder.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(application.stdout, 'data')
  application.kill('SIGKILL')
  await once(application, 'exit')
  const next = await launchEmbedded({ dataDir: folder.path })
  await next.stop()
})

test('a folder may have a dot in its name', async () => {
  await using folder = await temporaryFolder()
  const dataDir = join(folder.path, 'data.v1')
  const server = await launchEmbedded({ dataDir })
  await server.stop()
  expect(await readdir(dataDir)).toContain('data.mdb')
})

test('a folder with other files in it is refused and left alone', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'notes.txt'), 'mine')
  await expect(launchEmbedded({ dataDir: folder.path })).rejects.toThrow(/holds other files \(notes.txt\)/)
  expect(await readdir(folder.path)).toEqual(['notes.txt'])
})

test('a damaged database file is refused', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'data.mdb'), Buffer.alloc(8192, 7))
  await expect(launchEmbedded({ dataDir: folder.path })).rejects.toThrow(/not a database file, or it is damaged/)
})

test('the database of another program is refused', async () => {
  await using folder = await temporaryFolder()
  const other = open({ path: folder.path })
  await other.put('key', 'value')
  await other.close()
  await expect(launchEmbedded({ dataDir: folder.path })).rejects.toThrow(/database of another program/)
})

test('a folder of another format version is refused, not misread', async () => {
  await using server = await startServer()
  await server.stop()
  const file = open<Buffer, Buffer>({ path: server.dataDir, keyEncoding: 'binary', encoding: 'binary' })
  await file.put(Buffer.concat([Buffer.alloc(4), Buffer.from('format')]), Buffer.from('999'))
  await file.close()
  await expect(server.start()).rejects.toThrow(/has format 999/)
})

test('the application stores without any database installed, and finds its data again', async () => {
  await using folder = await temporaryFolder()
  const first = await connectStorage({ dataDir: folder.path })
  await first.connection.collection('c').insertOne({ a: 1 })
  // Another process would be given this URI as its MONGODB_URI.
  const second = await connectStorage({ dataDir: join(folder.path, 'unused'), mongodbUri: first.uri })
  expect(await second.connection.collection('c').countDocuments()).toBe(1)
  await second.close()
  await first.close()
  const later = await connectStorage({ dataDir: folder.path })
  expect(await later.connection.collection('c').countDocuments()).toBe(1)
  await later.close()
})

test('the application is told when its database ends by itself', async () => {
  await using folder = await temporaryFolder()
  const storage = await connectStorage({ dataDir: folder.path })
  const { pid } = (await storage.connection.getClient().db().admin().serverStatus()) as { pid: number }
  process.kill(pid, 'SIGKILL')
  expect(await storage.lost).toBe('was ended by SIGKILL')
  await storage.close()
})

test('a command whose connection is closed while it is written fails, and the next one is answered', async () => {
  await using folder = await temporaryFolder()
  const storage = await connectStorage({ dataDir: folder.path })
  const client = storage.connection.getClient()
  await client.db().admin().ping()
  const { servers } = (client as unknown as { topology: { s: { servers: Map<string, DriverServer> } } }).topology.s
  for (const { pool } of servers.values()) for (const { socket } of pool.connections.toArray()) socket.destroy()
  await expect(client.db().admin().ping()).rejects.toThrow(/closed/)
  await expect(client.db().admin().ping()).resolves.toMatchObject({ ok: 1 })
  await storage.close()
})
