import { readFileSync, readdirSync } from 'node:fs'

/** What one process of the product has used so far. */
export interface ProcessReading {
  readonly pid: number
  /** `gateway`, `database`, the name of a subgraph, or the script's name. */
  readonly role: string
  /** User and system time, in steps of 10 ms. */
  readonly cpuMs: number
}

export interface MemoryReading {
  readonly role: string
  readonly rssMb: number
  /** Like RSS, but pages that processes share are divided among them, so that sums are right. */
  readonly pssMb: number
  /** What the process itself has filled, without files that are mapped into it, such as those of the database. */
  readonly anonymousMb: number
}

/** Linux reports CPU time in hundredths of a second on every architecture that Node runs on. */
const tickMs = 10

/** A process and all its living descendants. */
export function readProcesses(rootPid: number): ProcessReading[] {
  return treeOf(rootPid).map(({ pid, cpuMs }) => ({ pid, role: roleOf(commandLine(pid)), cpuMs }))
}

/** Memory of a process and all its living descendants, one entry each. */
export function readMemory(rootPid: number): MemoryReading[] {
  return treeOf(rootPid).map(({ pid }) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    const megabytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) / 1024
    const role = roleOf(commandLine(pid))
    return { role, rssMb: megabytes('Rss'), pssMb: megabytes('Pss'), anonymousMb: megabytes('Anonymous') }
  })
}

/** CPU time of a process, of all its living descendants and of those that have ended. */
export function cpuMsOfTree(rootPid: number): number {
  return treeOf(rootPid).reduce((sum, { cpuMs, endedChildrenMs }) => sum + cpuMs + endedChildrenMs, 0)
}

/** What a process is in the product, from its command line. */
export function roleOf(args: readonly string[]): string {
  const index = args.findIndex((arg) => /^[^-].*\.[mc]?[jt]s$/.test(arg))
  const script = args[index] ?? args[0] ?? 'unknown'
  if (script.endsWith('/storage/embedded/main.js')) return 'database'
  if (script.endsWith('subgraphs/main.js')) return args[index + 1] ?? 'subgraph'
  if (script.endsWith('gateway/main.js') || script.endsWith('scripts/start.mjs')) return 'gateway'
  if (script.endsWith('scripts/start-split.mjs')) return 'supervisor'
  return script.replace(/^.*\//, '')
}

interface Stat {
  readonly pid: number
  readonly parent: number
  readonly cpuMs: number
  readonly endedChildrenMs: number
}

function treeOf(rootPid: number): Stat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? [])
  const tree = all.filter(({ pid }) => pid === rootPid)
  // The list grows while it is walked: children of children follow.
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid))
  return tree
}

function readStat(pid: number): Stat | undefined {
  const text = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  if (text === undefined) return undefined
  // The name is in parentheses and may hold anything; the numbers after it begin with the third field of proc(5).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3])
  return {
    pid,
    parent: field(4),
    cpuMs: (field(14) + field(15)) * tickMs,
    endedChildrenMs: (field(16) + field(17)) * tickMs,
  }
}

function commandLine(pid: number): string[] {
  return (unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '').split('\0').filter((arg) => arg !== '')
}

/** Processes of others end while the list is read. */
function unlessGone<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(String((error as NodeJS.ErrnoException).code))) return undefined
    throw error
  }
}
