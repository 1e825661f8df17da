import { readFileSync, readdirSync } from 'node:fs'
import type { Profiler } from 'node:inspector'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Print } from '../bench.ts'
import { type Window, showProfile, summarizeProfile } from './cpu-profile.ts'
import { roleOf } from './processes.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A folder of its own for the profiles of one run. */
export function profileFolder(): string {
  return join(root, '.cache', 'profiles', new Date().toISOString().replaceAll(/[:.]/g, '-'))
}

/** Milliseconds on the clock of V8's profiles. */
export function profileClock(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** The NODE_OPTIONS with which every process of the product writes its profile into a folder at its end. */
export function profilingOptions(folder: string): string {
  const hook = new URL('./profile-process.mjs', import.meta.url)
  hook.searchParams.set('folder', folder)
  return `--import=${hook.href}`
}

/** Tells of each process that left a profile in the folder what it did within the window. */
export function printProfiles(options: {
  readonly folder: string
  readonly window: Window
  readonly print: Print
}): void {
  const { folder, window, print } = options
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    const profile = JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile & { args: string[] }
    const summary = summarizeProfile(profile, window)
    print(`\n== ${roleOf(profile.args)} (${relative(root, file)})\n${showProfile(summary)}`)
  }
}
