import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { connectStorage } from '../../storage/connect.ts'

it('keeps the embedded database running when the time that a start may take has passed', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-'))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
  const storage = await connectStorage({ dataDir })
  try {
    vi.advanceTimersByTime(10 * 60_000)
    vi.useRealTimers()
    expect(await storage.connection.collection('things').insertOne({ a: 1 })).toMatchObject({ acknowledged: true })
    expect(await Promise.race([storage.lost, Promise.resolve('running')])).toBe('running')
  } finally {
    vi.useRealTimers()
    await storage.close()
    await rm(dataDir, { recursive: true, force: true })
  }
})
