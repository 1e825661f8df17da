import { readFileSync } from 'node:fs'

export type ProcessIdentity = {
  readonly pid: number
  /** Where the system tells it: which boot and when the process started, because process ids are used again. */
  readonly started?: string
}

export function identifyProcess(pid: number): ProcessIdentity {
  const started = startOf(pid)
  return started === undefined ? { pid } : { pid, started }
}

/** Whether that very process runs, and is not this one. */
export function isAlive({ pid, started }: ProcessIdentity): boolean {
  if (pid === process.pid && (started === undefined || started === startOf(pid))) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it runs, but for another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return started === undefined || started === startOf(pid)
}

function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; the start time is the 20th field after it.
    return `${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`
  } catch {
    return undefined
  }
}
