import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runNode } from './run-node.ts'

describe('the product as separate processes', () => {
  it('stops all of them with exit code 1 when one cannot start, and says which and why', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tributary-split-'))
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
      // The database's folder is free again: whoever still held it would make this second start fail otherwise.
      const again = await runNode(['scripts/start-split.mjs'], { PORT: String(port), DATA_DIR: dataDir })
      expect(again.stderr).toContain('was seeded before')
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
