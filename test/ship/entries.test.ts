import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mongoose from 'mongoose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settingNames } from '../../kit/config.ts'
import { launchEmbedded } from '../../storage/embedded/launch.ts'
import { seedDemoWorld } from '../../subgraphs/seed-demo-world.ts'
import { runNode } from './run-node.ts'

const secret = 'a secret of at least thirty-two characters'
const subgraph = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  runNode(['dist/subgraphs/main.js', ...args], { MONGODB_URI: '', TRIBUTARY_SECRET: '', ...env })

let folder: string
let database: Awaited<ReturnType<typeof launchEmbedded>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-entries-'))
  database = await launchEmbedded({ dataDir: folder })
})
afterAll(async () => {
  await database.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('one subgraph as a process', () => {
  it('tells its settings', async () => {
    const { code, stdout } = await subgraph(['--help'])
    expect(code).toBe(0)
    for (const name of settingNames) expect(stdout).toContain(name)
  })

  it.each([
    [['warehouse'], {}, 'Name one subgraph of: partner, catalog, deals, inventory, billing, bulk, events, schemas.'],
    [[], {}, 'Name one subgraph of'],
    [['deals'], {}, 'Set MONGODB_URI'],
    [['deals'], { MONGODB_URI: 'mongodb://localhost:1/x' }, 'Set TRIBUTARY_SECRET'],
    [['deals'], { PORT: 'http' }, 'PORT: '],
  ])('refuses %j with %j', async (args, env, message) => {
    const { code, stdout, stderr } = await subgraph(args, env)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
    expect([code, stdout]).toEqual([1, ''])
  })

  it('names the port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    try {
      const { code, stderr } = await subgraph(['deals'], {
        MONGODB_URI: database.uri,
        TRIBUTARY_SECRET: secret,
        PORT: String(port),
      })
      expect(stderr).toContain(`Port ${port} is in use`)
      expect(code).toBe(1)
    } finally {
      other.close()
    }
  })
})

describe('seeding', () => {
  const options = { now: () => new Date('2026-11-02T09:00:00Z'), secret }

  it('clears what a crash has left half-done and begins again', async () => {
    await using connection = await connect('crashed')
    await connection
      .collection<{ _id: string }>('installation')
      .insertOne({ _id: 'demo-world', state: 'begun' } as never)
    await connection.collection('locations').insertOne({ code: 'left over' })
    expect(await seedDemoWorld({ connection: connection.it, ...options })).toBe('seeded')
    expect(await connection.collection('locations').countDocuments({ code: 'left over' })).toBe(0)
    expect(await seedDemoWorld({ connection: connection.it, ...options })).toBe('was seeded')
  })

  it('leaves a database with other data alone', async () => {
    await using connection = await connect('other')
    await connection.collection('customers').insertOne({ name: 'somebody' })
    expect(await seedDemoWorld({ connection: connection.it, ...options })).toBe('not empty')
    expect(await connection.collection('installation').countDocuments({})).toBe(0)
  })

  it('ends with a message when another database is given by mistake', async () => {
    const { code, stderr } = await runNode(['dist/subgraphs/seed.js'], {
      MONGODB_URI: uriOf('other'),
      TRIBUTARY_SECRET: secret,
    })
    expect(stderr).toContain('holds other data')
    expect(code).toBe(1)
  })
})

function uriOf(name: string): string {
  return database.uri.replace(/\/[\w-]*\?/, `/${name}?`)
}

async function connect(name: string) {
  const connection = await mongoose.createConnection(uriOf(name)).asPromise()
  return {
    it: connection,
    collection: connection.collection.bind(connection),
    [Symbol.asyncDispose]: () => connection.close(),
  }
}
