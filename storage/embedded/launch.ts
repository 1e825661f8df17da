import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ReadyLine } from './main.ts'

export type LaunchOptions = {
  /** The folder of the database; created if it does not exist. */
  dataDir: string
  /** Seconds between two looks for expired documents; MongoDB's 60 unless told. */
  ttlSeconds?: number
}

export type LaunchedServer = {
  readonly uri: string
  readonly pid: number
  /** Resolves with the reason when the process ends by itself, never when it is stopped. */
  readonly ended: Promise<string>
  /** Ends the process and waits until its folder is free. */
  stop(): Promise<void>
}

/** The database said why it does not start, in words for the person at the terminal. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError'
}

/** How long a start may take: a large folder on a cold disk is read once. */
const startTimeoutMs = 60_000

/** A unix socket's path must fit into 108 bytes, 104 on macOS. */
const longestSocketPath = 100

/**
 * Starts the embedded database in a process of its own and waits until it answers. The process ends with this one,
 * however this one ends. Rejects with a message for people: the folder is in use, damaged, of another format.
 */
export async function launchEmbedded({ dataDir, ttlSeconds }: LaunchOptions): Promise<LaunchedServer> {
  const folder = resolve(dataDir)
  const child = spawn(
    process.execPath,
    [
      ...entry(),
      '--data',
      folder,
      ...addressOf(folder),
      '--exit-with-parent',
      ...(ttlSeconds === undefined ? [] : ['--ttl-seconds', String(ttlSeconds)]),
    ],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const exited = new Promise<string>((done) => {
    child.once('error', (error) => done(`could not be started: ${error.message}`))
    child.once('exit', (code, signal) => done(signal === null ? `ended with code ${code}` : `was ended by ${signal}`))
  })
  // Cleared as soon as the start is decided: a timer that is left would end the running database later.
  const deadline = startDeadline(child)
  const line = await Promise.race([firstLine(child), exited, deadline.passed]).finally(deadline.clear)
  if (typeof line === 'string') throw new Error(`The embedded database ${line}; its data folder is ${folder}`)
  if (!line.ready) {
    await exited
    throw new LaunchError(line.message)
  }
  letGo(child)
  const forever = new Promise<never>(() => {})
  let stopping = false
  return {
    uri: line.uri,
    pid: line.pid,
    ended: exited.then((reason) => (stopping ? forever : reason)),
    async stop() {
      stopping = true
      // Whoever waits for the end must not itself end before.
      child.ref()
      child.stdin?.end()
      // Where there are no signals this would be no orderly end; that input ends is enough.
      if (process.platform !== 'win32') child.kill('SIGTERM')
      await exited
    },
  }
}

/** The built .js beside this one, or the .ts source, which Node before 22.18 runs only with a loader. */
function entry(): string[] {
  const own = fileURLToPath(import.meta.url)
  if (!own.endsWith('.ts')) return [own.replace(/launch\.js$/, 'main.js')]
  const main = own.replace(/launch\.ts$/, 'main.ts')
  const runsTypeScript = 'typescript' in process.features && process.features.typescript !== false
  if (runsTypeScript) return [main]
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href, main]
}

function addressOf(folder: string): string[] {
  // Node has no unix sockets on Windows.
  if (process.platform === 'win32') return ['--port', '0']
  const inFolder = join(folder, 'database.sock')
  if (Buffer.byteLength(inFolder) <= longestSocketPath) return ['--socket', inFolder]
  const shared = join(tmpdir(), `tributary-${userInfo().uid}`)
  mkdirSync(shared, { recursive: true, mode: 0o700 })
  return ['--socket', join(shared, `${createHash('sha256').update(folder).digest('hex').slice(0, 16)}.sock`)]
}

async function firstLine(child: ChildProcess): Promise<ReadyLine> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const line = await new Promise<string>((done) => lines.once('line', done))
  lines.close()
  return JSON.parse(line) as ReadyLine
}

function startDeadline(child: ChildProcess): { readonly passed: Promise<string>; readonly clear: () => void } {
  let timer: NodeJS.Timeout
  const passed = new Promise<string>((done) => {
    timer = setTimeout(() => {
      child.kill('SIGKILL')
      done(`did not become ready in ${startTimeoutMs / 1000} s`)
    }, startTimeoutMs)
    timer.unref()
  })
  return { passed, clear: () => clearTimeout(timer) }
}

/** A process that has nothing else to do may end, and the database with it. */
function letGo(child: ChildProcess): void {
  child.unref()
  child.stdout?.resume()
  for (const stream of [child.stdin, child.stdout]) (stream as { unref?(): void } | null)?.unref?.()
}
