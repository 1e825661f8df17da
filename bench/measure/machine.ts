import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { cpuMsOfTree } from './processes.ts'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  /** The load averages over 1, 5 and 15 minutes. */
  readonly load: readonly number[]
}

export interface Disturbance {
  readonly load: readonly number[]
  /** How many cores other programs kept busy in the mean. */
  readonly othersCores: number
}

/** Describes the machine, and tells at the end how much of it others have used since. */
export function watchMachine(): { readonly machine: Machine; end(): Disturbance } {
  if (process.platform !== 'linux') throw new Error('The benches read /proc, so they run on Linux only.')
  const [first] = cpus()
  const begin = othersCpuMs()
  const begun = performance.now()
  return {
    machine: {
      cpu: first?.model.trim() ?? 'unknown processor',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      system: `${type()} ${release()}`,
      node: process.versions.node,
      load: loadavg(),
    },
    end: () => ({
      load: loadavg(),
      othersCores: Math.max(0, (othersCpuMs() - begin) / (performance.now() - begun)),
    }),
  }
}

/** CPU time of everything but this process and what it has started. */
function othersCpuMs(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)
    .join('')
    .split(/\s+/)
    .map(Number)
  const busyTicks = user + nice + system + irq + softirq + steal
  return busyTicks * 10 - cpuMsOfTree(process.pid)
}
