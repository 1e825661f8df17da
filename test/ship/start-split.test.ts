import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { launchEmbedded } from '../../storage/embedded/launch.ts'
import { seededDataDir } from '../e2e/product.ts'
import { runNode } from './run-node.ts'

describe('the product as separate processes', () => {
  it('stops all of them with exit code 1 when one cannot start, and says which and why', async () => {
    const dataDir = await seededDataDir()
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    try {
      const { code, stderr } = await runNode(['scripts/start-split.mjs'], { PORT: String(port), DATA_DIR: dataDir })
      expect(stderr).toContain('inventory | The inventory subgraph is ready at')
      expect(stderr).toContain(`gateway   | Port ${port} is in use`)
      expect(stderr).toContain('The gateway process ended with exit code 1; everything is stopped.')
      expect(code).toBe(1)
      expect(stderr).toContain('was seeded before')
      // The database's folder is free again: whoever still held it would make this start fail.
      const database = await launchEmbedded({ dataDir: join(dataDir, 'database') })
      await database.stop()
    } finally {
      other.close()
      await rm(dataDir, { recursive: true, force: true })
    }
  }, 120_000)

  it('has no options but help', async () => {
    expect(await runNode(['scripts/start-split.mjs', '--help'])).toMatchObject({ code: 0 })
    expect(await runNode(['scripts/start-split.mjs', '--fast'])).toMatchObject({ code: 1 })
  })
})
