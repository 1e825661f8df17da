import { type Command, CommanderError } from 'commander'
import { type Authorize, type GraphConnection, createGraphClient } from '../sdk/graph-client.ts'
import {
  type GraphOptions,
  addGraphOptions,
  addJsonOption,
  codeOfFailure,
  defaultUrl,
  explainCallFailure,
  whichApp,
} from './graph-options.ts'
import { createCredentialFile } from './sign-in/credential-file.ts'
import { signedInHeaders } from './sign-in/signed-in-headers.ts'
import { UsageError } from './usage-error.ts'

/** What the work of a command gets that asks no graph. */
export interface LocalRun<Options> {
  readonly options: Options
  readonly args: readonly string[]
  readonly signal: AbortSignal
  readonly print: (line: string) => void
  readonly printError: (line: string) => void
  /** Prints a value as JSON where that was asked for, else what `people` prints. */
  readonly show: (value: unknown, people: () => void) => void
}

/** What the work of a command gets. */
export interface CommandRun<Options> extends LocalRun<Options> {
  readonly graph: GraphConnection
}

interface Work<Run> {
  /** Answers the exit code. */
  readonly work: (run: Run) => Promise<number>
  /** What to print when it was interrupted; null where only an interruption ends it. */
  readonly interrupted: string | null
}

type GraphWork<Options> = Work<CommandRun<Options>> & { readonly scopes: string }

/**
 * Runs a command that calls the graph; answers its exit code: that of `work`, 1 for a failure, 2 for wrong options,
 * 130 when it was interrupted. A command that only an interruption ends has null for `interrupted` and 0 then.
 */
export async function runCommand<Options extends GraphOptions>(
  given: Command,
  args: readonly string[],
  run: GraphWork<Options>,
): Promise<number> {
  const command = addGraphOptions(given).allowExcessArguments(false).exitOverride()
  try {
    command.parse(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
  return await callGraph(command, run)
}

/** The same as a part of `tributary`, with `--json` where `json` is not false. */
export function graphCommand<Options extends GraphOptions>(
  given: Command,
  run: GraphWork<Options>,
  { json = true }: { readonly json?: boolean } = {},
): Command {
  const command = addGraphOptions(json ? addJsonOption(given) : given).allowExcessArguments(false)
  return command.action(async () => {
    process.exitCode = await callGraph(command, run)
  })
}

/** A part of `tributary` that calls no graph as an app. */
export function localCommand<Options extends { readonly json?: true }>(
  given: Command,
  run: Work<LocalRun<Options>>,
): Command {
  const command = addJsonOption(given).allowExcessArguments(false)
  return command.action(async () => {
    process.exitCode = await attempt(command.opts<Options>(), { ...run, scopes: '' }, (local) =>
      run.work({ ...local, options: command.opts<Options>(), args: command.args }),
    )
  })
}

async function callGraph<Options extends GraphOptions>(command: Command, run: GraphWork<Options>): Promise<number> {
  const given = command.opts<Options>()
  return await attempt(given, run, async (local) => {
    const { url, authorize } = await findGraph(given, local.signal)
    if (authorize === null) throw new UsageError(whichApp)
    const graph = createGraphClient({
      url,
      authorize,
      signal: local.signal,
      onThrottled: (seconds) => printError(`throttled; waiting ${seconds} s for points to flow back`),
    })
    return await run.work({ ...local, options: { ...given, graph: url }, args: command.args, graph })
  })
}

/** Where to call, and the headers of the app that was given or of who has signed in there; null for nobody. */
export async function findGraph(
  given: Partial<GraphOptions> & Pick<GraphOptions, 'config'>,
  signal: AbortSignal,
): Promise<{ readonly url: string; readonly authorize: Authorize | null }> {
  const file = createCredentialFile(given.config)
  const { app, key, graph: url = (await file.currentUrl()) ?? defaultUrl } = given
  if (app === undefined || key === undefined) return { url, authorize: await signedInHeaders({ file, url, signal }) }
  return { url, authorize: () => Promise.resolve({ 'x-tributary-app': app, 'x-tributary-key': key }) }
}

/** Runs work until it ends or is interrupted, and tells what went wrong. */
async function attempt(
  options: { readonly json?: true },
  run: { readonly scopes: string; readonly interrupted: string | null },
  work: (run: Omit<LocalRun<unknown>, 'options' | 'args'>) => Promise<number>,
): Promise<number> {
  const stop = new AbortController()
  // For good, because under npm a Ctrl-C arrives twice: from the terminal and from npm.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort())
  const show = (value: unknown, people: () => void): void => {
    if (options.json) print(JSON.stringify(value, null, 2))
    else people()
  }
  try {
    return await work({ signal: stop.signal, print, printError, show })
  } catch (error) {
    if (stop.signal.aborted) {
      // Read now: some tell how far they have come.
      const { interrupted } = run
      if (interrupted === null) return 0
      printError(`\n${interrupted}`)
      return 130
    }
    if (!(error instanceof Error)) throw error
    // Whoever read the output, such as `head`, has seen enough.
    if ('code' in error && error.code === 'EPIPE') return 0
    const wrongly = error instanceof UsageError
    const message = wrongly ? error.message : explainCallFailure(error, run.scopes)
    printError(options.json ? JSON.stringify({ error: { code: codeOfFailure(error), message } }) : message)
    return wrongly ? 2 : 1
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`)
}
