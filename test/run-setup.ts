import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { staleTargets } from '../scripts/prepare/build.mjs'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Whether dist is what the sources make: then tests may start what is built there instead of compiling it again. */
    readonly serverIsBuilt: boolean
    /** Where databases of tests have their folders; gone after the run. */
    readonly runFolder: string
  }
}

/** Linux's disk in memory. A killed process loses nothing on it, and nothing waits for a real disk to be done. */
const memoryDisk = '/dev/shm'
/** Two tests at a time with some dozens of megabytes each, and the demo that they copy. */
const enoughBytes = 2 ** 30

let runFolder: string | undefined

/** Tells all tests of a run what they share. */
export function setup(project: TestProject): () => void {
  project.provide('serverIsBuilt', !staleTargets().some(({ name }) => name === 'the server'))
  const folder = (runFolder ??= mkdtempSync(join(hasMemoryDisk() ? memoryDisk : tmpdir(), 'tributary-tests-')))
  project.provide('runFolder', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}

function hasMemoryDisk(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memoryDisk)
    return bavail * bsize > enoughBytes
  } catch {
    return false
  }
}
