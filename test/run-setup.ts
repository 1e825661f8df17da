import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { staleTargets } from '../scripts/prepare/build.mjs'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Whether dist is what the sources make: then tests may start what is built there instead of compiling it again. */
    readonly serverIsBuilt: boolean
    /** What tests of one run share by files; gone after it. */
    readonly runFolder: string
  }
}

/** Tells all tests of a run what they share. */
export function setup(project: TestProject): () => void {
  project.provide('serverIsBuilt', !staleTargets().some(({ name }) => name === 'the server'))
  const runFolder = join(tmpdir(), `tributary-tests-${process.pid}`)
  mkdirSync(runFolder, { recursive: true })
  project.provide('runFolder', runFolder)
  return () => rmSync(runFolder, { recursive: true, force: true })
}
