import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { RefusedError } from '../usage-error.ts'

/** A subgraph that is served by a process of its own. */
export interface ServedProcess {
  isRunning(): boolean
  stop(): Promise<void>
}

const startDeadlineMs = 30_000

/** Starts a command and waits until something answers over HTTP at the port; throws RefusedError when it ends instead. */
export async function serveProcess(
  command: string,
  options: {
    readonly folder: string
    readonly port: number
    readonly key: string
    /** Where it hands in its events. */
    readonly eventsUrl: string
    readonly signal: AbortSignal
    readonly onOutput: (line: string) => void
  },
): Promise<ServedProcess> {
  const [program = '', ...args] = command.split(/\s+/)
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: options.folder,
    // All of the environment, because teams configure their services by it.
    env: {
      ...process.env,
      PORT: String(options.port),
      TRIBUTARY_SUBGRAPH_KEY: options.key,
      TRIBUTARY_EVENTS_URL: options.eventsUrl,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close').catch((error: unknown) => {
    options.onOutput(error instanceof Error ? error.message : String(error))
  })
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', options.onOutput)
  const isRunning = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null
  const stop = async (): Promise<void> => {
    if (isRunning()) child.kill('SIGTERM')
    await ended
  }
  const deadline = performance.now() + startDeadlineMs
  try {
    while (!(await answers(options.port))) {
      if (!isRunning())
        throw new RefusedError(
          'NOT_SERVED',
          `\`${command}\` has ended without serving port ${options.port}; see above.`,
        )
      if (performance.now() > deadline)
        throw new RefusedError('NOT_SERVED', `\`${command}\` serves nothing at port ${options.port}.`)
      // Each turn waits for the one before.
      await pause(50, undefined, { signal: options.signal })
    }
  } catch (error) {
    await stop()
    throw error
  }
  if (!isRunning())
    throw new RefusedError('NOT_SERVED', `Something else has the port ${options.port}. Choose another with --port.`)
  return { isRunning, stop }
}

async function answers(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(1_000) }).then(
    async (response) => {
      await response.body?.cancel()
      return true
    },
    () => false,
  )
}
