import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { importBuilt } from '../../scripts/prepare/root.mjs'
import { demoSecret, seededFolder } from '../storage/demo-database.ts'

export const shapes = {
  'one process': ['dist/gateway/main.js'],
  'split processes': ['scripts/start-split.mjs'],
} as const

export type Shape = keyof typeof shapes

export interface AppCredentials {
  readonly appId: string
  readonly key: string
}

/** The built product as a user starts it, known only by what it prints. */
export interface Product extends AsyncDisposable {
  readonly url: string
  readonly print: string
  /** All that it has told on standard output and standard error until now. */
  output(): string
  readonly portal: AppCredentials
  readonly stockFeed: AppCredentials
  readonly trial: AppCredentials
  readonly operator: AppCredentials
  /** The two commands to paste: the query and the stream. */
  readonly curls: readonly [string, string]
  /**
   * Asks to stop as Ctrl-C does, which reaches the whole process group; answers the exit code when no process of it
   * is left to print anything.
   */
  stop(): Promise<number | null>
  /** Kills every process of the product at once, as a power cut would. */
  kill(): Promise<void>
}

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The list of subgraphs as it is built: to load its sources takes seconds, and what is started is built anyway. */
export async function builtSubgraphs(): Promise<typeof import('../../subgraphs/registry.ts').subgraphs> {
  const { subgraphs } = (await importBuilt('subgraphs/registry.js')) as typeof import('../../subgraphs/registry.ts')
  return subgraphs
}

/** A data folder as a start leaves it that has seeded the demo, for tests of what comes after that. */
export async function seededDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(inject('runFolder'), 'product-'))
  await cp(await seededFolder(), join(dataDir, 'database'), { recursive: true })
  await writeFile(join(dataDir, 'secret'), demoSecret)
  return dataDir
}

/** Starts a command and waits until it has printed all that a start prints. Port 0 and a folder of its own. */
export async function startProduct(
  shape: Shape,
  options: { readonly dataDir?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Product & { readonly dataDir: string }> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(inject('runFolder'), 'product-')))
  const product = await startCommand(process.execPath, [...shapes[shape]], {
    cwd: root,
    env: { ...process.env, PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...options.env },
    cleanUp: options.dataDir === undefined ? () => rm(dataDir, { recursive: true, force: true }) : undefined,
  })
  return { ...product, dataDir }
}

export async function startCommand(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd: string
    readonly env: NodeJS.ProcessEnv
    readonly cleanUp?: (() => Promise<void>) | undefined
  },
): Promise<Product> {
  // A process group of its own, so that a kill reaches the database and the subgraphs too.
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'close')
  const output = readOutput(child)
  const print = await readUntil(child, 'Stop with Ctrl-C.', output)
  const app = (name: string): AppCredentials => {
    const found = new RegExp(`${name}\\s+(app_\\w+)\\s+(trb_\\w+)`).exec(print)
    if (!found?.[1] || !found[2]) throw new Error(`the start printed no credentials of ${name}:\n${print}`)
    return { appId: found[1], key: found[2] }
  }
  const [query, stream] = [...print.matchAll(/^\s*(?:\[\w+\]\s*)?(curl .*)$/gm)].map(([, line]) => line)
  const url = /^\s*Graph\s+(https?:\/\/\S+)\/graphql/m.exec(print)?.[1]
  if (!query || !stream || !url) throw new Error(`the start printed no commands:\n${print}`)
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGINT')
    const [code] = (await exited) as [number | null]
    return code
  }
  return {
    url,
    print,
    output,
    portal: app('Northwind Partner Portal'),
    stockFeed: app('Northwind Stock Feed'),
    trial: app('Contoso Trial'),
    operator: app('Operator Console'),
    curls: [query, stream],
    stop,
    async kill() {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
      await exited
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await options.cleanUp?.()
    },
  }
}

function readOutput(child: ChildProcess): () => string {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  }
  return () => output
}

/** Standard output up to the given text; only there is what a start prints, and not what its processes tell. */
function readUntil(child: ChildProcess, end: string, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let print = ''
    child.stdout?.on('data', (chunk: string) => {
      print += chunk
      if (print.includes(end)) resolve(print)
    })
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`the product ended with ${code} at its start:\n${output()}`)))
  })
}
