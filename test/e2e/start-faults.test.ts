import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mongoose from 'mongoose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settingNames } from '../../kit/config.ts'
import { launchEmbedded } from '../../storage/embedded/launch.ts'
import { runNode } from '../ship/run-node.ts'
import { seededDataDir } from './product.ts'

let folder: string
let seeded: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-faults-'))
  seeded = await seededDataDir()
})
afterAll(async () => {
  for (const path of [folder, seeded]) await rm(path, { recursive: true, force: true })
})

/** Runs the built product with these arguments and settings until it ends by itself. */
const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  runNode(['dist/gateway/main.js', ...args], { PORT: '0', DATA_DIR: seeded, ...env })

/** A fault that its operator can mend is told in words, without a stack, and with exit code 1. */
async function expectRefusal(ending: ReturnType<typeof start>, message: string | RegExp): Promise<void> {
  const { code, stdout, stderr } = await ending
  expect(stderr).toMatch(message)
  expect(stderr).not.toMatch(/^\s+at /m)
  expect(stdout).not.toContain('Tributary is ready')
  expect(code).toBe(1)
}

describe('a start', { timeout: 60_000 }, () => {
  it('names the port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    try {
      await expectRefusal(start([], { PORT: String(port) }), `Port ${port} is in use by another process.`)
    } finally {
      other.close()
    }
  })

  it('names the address that is not of this machine', () =>
    expectRefusal(start([], { HOST: '192.0.2.1' }), '192.0.2.1 is not an address of this machine'))

  it('names the data folder that cannot be written', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    const below = join(file, 'data')
    await expectRefusal(start([], { DATA_DIR: below }), `DATA_DIR: the folder ${below} cannot be used`)
    await expectRefusal(start([], { DATA_DIR: file }), `DATA_DIR: the folder ${file} cannot be used`)
    // With a secret of its own the database is the first to write there.
    const secret = 'a secret of at least thirty-two characters'
    await expectRefusal(start([], { DATA_DIR: below, TRIBUTARY_SECRET: secret }), /data folder .* cannot be used/)
  })

  it('names each setting that cannot be used', async () => {
    const ending = start([], { PORT: 'http', LOG_LEVEL: 'loud', TRIBUTARY_SECRET: 'short', REDIS_URL: 'localhost' })
    await expectRefusal(ending, 'The configuration cannot be used.')
    const { stderr } = await ending
    for (const name of ['PORT', 'LOG_LEVEL', 'TRIBUTARY_SECRET', 'REDIS_URL']) expect(stderr).toContain(`${name}: `)
    expect(stderr).not.toContain('DATA_DIR')
  })

  it('names an option that it does not know', () => expectRefusal(start(['--prot', '80']), /'--prot'.*See --help/s))

  it('lists all settings with --help and starts nothing', async () => {
    for (const option of ['--help', '-h']) {
      const { code, stdout, stderr } = await start([option], { PORT: 'ignored' })
      for (const name of settingNames) expect(stdout).toContain(name)
      expect([code, stderr]).toEqual([0, ''])
    }
  })

  it('tells its version', async () => {
    const { code, stdout } = await start(['--version'])
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(code).toBe(0)
  })

  it('leaves a data folder alone that another start has open', async () => {
    // What holds the folder of a start is its database.
    const first = await launchEmbedded({ dataDir: join(seeded, 'database') })
    try {
      await expectRefusal(start([]), /data folder .*product-.* is already served by process \d+/)
      const connection = await mongoose.createConnection(first.uri).asPromise()
      expect(await connection.collection('partner_apps').countDocuments()).toBeGreaterThan(0)
      await connection.close()
    } finally {
      await first.stop()
    }
  })
})
