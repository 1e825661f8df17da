import { existsSync } from 'node:fs'
import { cp, mkdir, rename, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { inject } from 'vitest'
import { startServer } from './embedded-server.ts'
import { type TestDatabase, openReplicaSetDatabase } from './test-database.ts'

/** The secret from which the keys of the demo's apps derive here. */
export const demoSecret = 'a secret for tests, of at least 32 characters'

export type DemoDatabase = TestDatabase & {
  /** What a process is told to run on it; a port and a data folder are its own. */
  readonly settings: { readonly MONGODB_URI: string; readonly DEMO: 'true'; readonly TRIBUTARY_SECRET: string }
}

/**
 * A database of its own with the demo world in it. Embedded, it is a copy of one that is seeded once in a run of tests;
 * a real replica set is seeded each time.
 */
export async function openDemoDatabase(): Promise<DemoDatabase> {
  const real = await openReplicaSetDatabase()
  if (real !== undefined) await seed(real)
  const database = real ?? (await startServer({ from: await seededFolder() }))
  return Object.assign(database, {
    settings: { MONGODB_URI: database.uri, DEMO: 'true', TRIBUTARY_SECRET: demoSecret } as const,
  })
}

async function seed(database: TestDatabase): Promise<void> {
  const connection = await database.connect()
  // All subgraphs, which take seconds to load: for the one of a run that seeds.
  const { seedDemoWorld } = await import('../../subgraphs/seed-demo-world.ts')
  await seedDemoWorld({ connection, now: () => new Date(), secret: demoSecret })
}

/** The files of a seeded database that nobody runs: made by the first who needs them, while others wait. */
export async function seededFolder(): Promise<string> {
  const folder = join(inject('runFolder'), 'demo-database')
  const lock = `${folder}.lock`
  while (!existsSync(folder)) {
    const isFirst = await mkdir(lock).then(
      () => true,
      () => false,
    )
    // The first may be in another process, so that it can only be looked for.
    if (!isFirst) await pause(50)
    else {
      try {
        await writeSeeded(folder)
      } finally {
        await rmdir(lock)
      }
    }
  }
  return folder
}

async function writeSeeded(folder: string): Promise<void> {
  if (existsSync(folder)) return
  await using server = await startServer()
  await seed(server)
  await server.stop()
  await cp(server.dataDir, `${folder}.new`, { recursive: true })
  await rename(`${folder}.new`, folder)
}
