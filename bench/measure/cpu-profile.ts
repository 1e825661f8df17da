import type { Profiler } from 'node:inspector'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { table } from './table.ts'

/** A span on the clock of `process.hrtime`, in milliseconds. V8 stamps its samples with the same clock. */
export interface Window {
  readonly fromMs: number
  readonly toMs: number
}

export interface SelfTime {
  /** `function file:line`, or a package or folder. */
  readonly name: string
  readonly ms: number
}

export interface ProfileSummary {
  /** Time in which the process did something, garbage collection and native code included. */
  readonly busyMs: number
  readonly functions: readonly SelfTime[]
  /** By npm package, or by the top folder of the product's own code. */
  readonly packages: readonly SelfTime[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Self time by function and by package of the samples within a window. */
export function summarizeProfile(profile: Profiler.Profile, window: Window): ProfileSummary {
  const byNode = selfTimes(profile, window)
  const functions = new Map<string, number>()
  const packages = new Map<string, number>()
  let busyMs = 0
  for (const { id, callFrame } of profile.nodes) {
    const ms = byNode.get(id)
    if (ms === undefined || callFrame.functionName === '(idle)') continue
    busyMs += ms
    const file = shortUrl(callFrame.url)
    const name = callFrame.functionName === '' ? '(anonymous)' : callFrame.functionName
    add(functions, file === '' ? name : `${name} ${file}:${callFrame.lineNumber + 1}`, ms)
    add(packages, file === '' ? name.replace(/^[^(].*/, '(native)') : packageOf(file), ms)
  }
  return { busyMs, functions: dearestFirst(functions), packages: dearestFirst(packages) }
}

/** The summary as two tables. */
export function showProfile({ busyMs, functions, packages }: ProfileSummary, shown = 25): string {
  const rows = (times: readonly SelfTime[]): string =>
    table(times.slice(0, shown).map(({ name, ms }) => [name, ms.toFixed(0), `${((100 * ms) / busyMs).toFixed(1)} %`]))
  return `busy ${busyMs.toFixed(0)} ms\n\nself time by function, ms\n${rows(functions)}\n\nby package, ms\n${rows(packages)}`
}

function selfTimes(
  { startTime, samples = [], timeDeltas = [] }: Profiler.Profile,
  window: Window,
): Map<number, number> {
  const times = new Map<number, number>()
  let at = startTime / 1_000
  samples.forEach((node, index) => {
    at += (timeDeltas[index] ?? 0) / 1_000
    // A sample stands for the time until the next one.
    const ms = (timeDeltas[index + 1] ?? 0) / 1_000
    if (at >= window.fromMs && at < window.toMs) times.set(node, (times.get(node) ?? 0) + ms)
  })
  return times
}

function add(sums: Map<string, number>, name: string, ms: number): void {
  sums.set(name, (sums.get(name) ?? 0) + ms)
}

function dearestFirst(sums: ReadonlyMap<string, number>): SelfTime[] {
  return [...sums].map(([name, ms]) => ({ name, ms })).toSorted((a, b) => b.ms - a.ms)
}

function shortUrl(url: string): string {
  const inPackage = url.lastIndexOf('node_modules/')
  if (inPackage !== -1) return url.slice(inPackage)
  return url.replace(pathToFileURL(root).href, '').replace(root, '')
}

function packageOf(file: string): string {
  const installed = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]
  if (installed !== undefined) return installed
  if (file.startsWith('node:')) return 'node'
  return file.split('/').slice(0, 3).join('/')
}
