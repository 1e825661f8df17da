import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import type { DemoPerson } from '../../gateway/demo/demo.ts'
import { startGateway } from '../../gateway/start-gateway.ts'
import { readConfig } from '../../kit/config.ts'
import { createLogger } from '../../kit/log.ts'
import { openDemoDatabase } from '../storage/demo-database.ts'

type Environment = Readonly<Record<string, string>>

/** A command in a process of its own, as a user runs it. */
export interface CommandProcess {
  readonly child: ChildProcess
  readonly output: { stdout: string; stderr: string }
  readonly exit: Promise<number | null>
}

/** The product with its demo, and what its commands need to reach it. */
export interface CommandBench extends AsyncDisposable {
  readonly folder: string
  readonly url: string
  /** The environment of the platform operator's demo app. */
  readonly operator: Environment & { readonly TRIBUTARY_APP: string; readonly TRIBUTARY_KEY: string }
  /** The demo's person who can sign in. */
  readonly person: DemoPerson
  /** Starts a command of this repository by its entry, for example `simulate/main.ts`. */
  start(entry: string, args: readonly string[], environment?: Environment): CommandProcess
  /** The same to its end. */
  run(
    entry: string,
    args: readonly string[],
    environment?: Environment,
  ): Promise<{ code: number | null; stdout: string; stderr: string }>
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A program of the sources; its built form, where that is up to date, starts in a third of the time. */
function programOf(entry: string): string[] {
  return inject('serverIsBuilt') ? [join('dist', entry.replace(/\.ts$/, '.js'))] : ['--import', 'tsx', entry]
}

export async function startCommandBench(): Promise<CommandBench> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-test-'))
  const database = await openDemoDatabase()
  const config = readConfig({ PORT: '0', DATA_DIR: join(folder, 'data'), ...database.settings })
  const gateway = await startGateway({ config, log: createLogger('test', 'error') })
  const app = gateway.demo.find(({ slug }) => slug === 'operator-console')
  const operator = { TRIBUTARY_APP: app?.appId ?? '', TRIBUTARY_KEY: app?.key ?? '' }

  const { person } = gateway
  if (person === null) throw new Error('the demo has nobody who can sign in')

  const start = (entry: string, args: readonly string[], environment: Environment = operator): CommandProcess => {
    const child = spawn(process.execPath, [...programOf(entry), ...args], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
    return { child, output, exit: once(child, 'close').then(([code]) => code as number | null) }
  }
  return {
    folder,
    url: `${gateway.url}/graphql`,
    operator,
    person,
    start,
    async run(entry, args, environment) {
      const { output, exit } = start(entry, args, environment)
      return { code: await exit, ...output }
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await database[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
