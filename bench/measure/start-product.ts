import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { settingNames } from '../../kit/config.ts'
import { parsePrintedCurl, type PrintedCurl } from './printed-curl.ts'

/** The two ways to run the product, as the scripts of package.json start them. */
export const shapes = {
  'one process': 'scripts/start.mjs',
  'split processes': 'scripts/start-split.mjs',
} as const

export type Shape = keyof typeof shapes

export interface PrintedLine {
  readonly text: string
  /** Milliseconds since the process was started. */
  readonly atMs: number
}

/** A running product, in whose process tree things are measured. */
export interface MeasuredProduct extends AsyncDisposable {
  readonly pid: number
  readonly dataDir: string
  /** When it was started, on the clock of `performance.now()`. */
  readonly startedAt: number
  readonly lines: readonly PrintedLine[]
  /** The request of the printed command that asks all five subgraphs. */
  readonly portalRequest: PrintedCurl
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Starts the built product on a free port and waits until it has printed all that a start prints. */
export async function startProduct(
  shape: Shape,
  options: { readonly dataDir: string; readonly nodeOptions?: string },
): Promise<MeasuredProduct> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [shapes[shape]], {
    cwd: root,
    env: environment(options),
    // Its warnings and reasons are for whoever runs the bench.
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
    await exited
  }
  try {
    const lines = await printOf(child, startedAt)
    const portalRequest = parsePrintedCurl(lines.map(({ text }) => text))
    return { pid: child.pid as number, ...options, startedAt, lines, portalRequest, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The caller's own settings of the product would measure something else. */
function environment({ dataDir, nodeOptions }: { dataDir: string; nodeOptions?: string }): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !settingNames.includes(name))
  return {
    ...Object.fromEntries(others),
    PORT: '0',
    DATA_DIR: dataDir,
    ...(nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions }),
  }
}

function printOf(child: ChildProcess, startedAt: number): Promise<PrintedLine[]> {
  return new Promise((resolve, reject) => {
    const lines: PrintedLine[] = []
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (text) => {
      lines.push({ text, atMs: performance.now() - startedAt })
      if (text === 'Stop with Ctrl-C.') resolve(lines)
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the product ended with ${code} at its start`)))
  })
}
