import { mkdirSync, rmSync, statfsSync } from 'node:fs'
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

/** Tells all tests of a run what they share. */
export function setup(project: TestProject): () => void {
  project.provide('serverIsBuilt', !staleTargets().some(({ name }) => name === 'the server'))
  // One for all projects, each of which loads this module anew: named by the process and its begin.
  const name = `tributary-tests-${process.pid}-${Math.round(performance.timeOrigin)}`
  const runFolder = join(hasMemoryDisk() ? memoryDisk : tmpdir(), name)
  mkdirSync(runFolder, { recursive: true })
  project.provide('runFolder', runFolder)
  return () => rmSync(runFolder, { recursive: true, force: true })
}

function hasMemoryDisk(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memoryDisk)
    return bavail * bsize > enoughBytes
  } catch {
    return false
  }
}
