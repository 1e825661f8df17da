import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import mongoose from 'mongoose'
import { expect, test } from 'vitest'
import { launchEmbedded } from '../../storage/embedded/launch.ts'

type Row = { _id: number; body?: string }
type Disk = AsyncDisposable & { readonly path: string }

const run = promisify(execFile)
const megabyte = 1024 * 1024

/** A disk of a few megabytes, which only root may make. */
async function mountSmallDisk(): Promise<Disk | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'trb-'))
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true })
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', path])
  } catch {
    await remove()
    return undefined
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      await run('umount', [path])
      await remove()
    },
  }
}

const probe = await mountSmallDisk()
await probe?.[Symbol.asyncDispose]()
if (probe === undefined) {
  process.stdout.write('full-disk.test.ts is skipped: mounting a small disk is not permitted to this user.\n')
}

test.skipIf(probe === undefined)(
  'a full disk fails the write and not the data, and writes go on once there is room',
  async () => {
    await using mounted = (await mountSmallDisk()) as Disk
    // What fills the disk first is another's, so that room can be made again.
    const ballast = join(mounted.path, 'ballast')
    await writeFile(ballast, Buffer.alloc(8 * megabyte))
    const options = { dataDir: join(mounted.path, 'database') }
    let server = await launchEmbedded(options)
    let client = await new mongoose.mongo.MongoClient(server.uri).connect()
    const rows = (): mongoose.mongo.Collection<Row> => client.db().collection<Row>('rows')
    try {
      await rows().createIndex({ body: 1 })
      const stored: Row[] = []
      const fill = async (): Promise<unknown> => {
        for (let _id = 0; ; _id++) {
          const row = { _id, body: `${_id} `.repeat(20_000) }
          try {
            await rows().insertOne(row)
          } catch (error) {
            return error
          }
          stored.push(row)
        }
      }
      const readAll = (): Promise<Row[]> =>
        rows()
          .find({}, { sort: { _id: 1 } })
          .toArray()

      expect(await fill()).toMatchObject({ code: 14031, codeName: 'OutOfDiskSpace' })
      expect(stored.length).toBeGreaterThan(3)
      expect(await readAll()).toEqual(stored)
      // It goes on failing, and what failed leaves nothing behind.
      await expect(rows().insertOne({ _id: -1, body: 'x'.repeat(megabyte) })).rejects.toMatchObject({ code: 14031 })
      expect(await rows().findOne({ _id: 1 })).toEqual(stored[1])
      expect(await readAll()).toEqual(stored)

      await rm(ballast)
      await rows().insertMany([
        { _id: -3, body: 'after' },
        { _id: -2, body: 'after' },
      ])
      expect(await readAll()).toHaveLength(stored.length + 2)
      await rows().deleteMany({ _id: { $gte: 0 } })

      // The same is there after a crash.
      await client.close()
      process.kill(server.pid, 'SIGKILL')
      await server.ended
      server = await launchEmbedded(options)
      client = await new mongoose.mongo.MongoClient(server.uri).connect()
      expect(await readAll()).toEqual([
        { _id: -3, body: 'after' },
        { _id: -2, body: 'after' },
      ])
      expect(await rows().countDocuments({ body: 'after' })).toBe(2)
    } finally {
      await client.close()
      await server.stop()
    }
  },
  120_000,
)

test.skipIf(probe === undefined)(
  'a start on a full disk is refused in words, and succeeds once there is room',
  async () => {
    await using mounted = (await mountSmallDisk()) as Disk
    const options = { dataDir: join(mounted.path, 'database') }
    const ballast = join(mounted.path, 'ballast')
    const first = await launchEmbedded(options)
    await using client = await new mongoose.mongo.MongoClient(first.uri).connect()
    await client.db().collection<Row>('rows').insertOne({ _id: 1 })
    await fillUp(ballast)
    expect(await client.db().collection<Row>('rows').findOne()).toEqual({ _id: 1 })
    await first.stop()
    await expect(launchEmbedded(options)).rejects.toThrow(/disk .*is full/)
    await rm(ballast)
    const second = await launchEmbedded(options)
    await using again = await new mongoose.mongo.MongoClient(second.uri).connect()
    expect(await again.db().collection<Row>('rows').find().toArray()).toEqual([{ _id: 1 }])
    await second.stop()
  },
  120_000,
)

/** Writes until the disk has no byte left. */
async function fillUp(path: string): Promise<void> {
  await expect(writeFile(path, Buffer.alloc(16 * megabyte))).rejects.toMatchObject({ code: 'ENOSPC' })
}
