import { type Command, CommanderError } from 'commander'
import { type GraphClient, createGraphClient } from '../sdk/graph-client.ts'
import { type GraphOptions, addGraphOptions, explainCallFailure, requireCredentials } from './graph-options.ts'

/** What the work of a command gets. */
export interface CommandRun<Options> {
  readonly options: Options
  readonly args: readonly string[]
  readonly graph: GraphClient
  readonly signal: AbortSignal
  readonly print: (line: string) => void
  readonly printError: (line: string) => void
}

/** A mistake in how a command was called, told to the person without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Runs a command that calls the graph; answers its exit code: that of `work`, 1 for a failure, 2 for wrong options,
 * 130 when it was interrupted. A command that only an interruption ends has null for `interrupted` and 0 then.
 */
export async function runCommand<Options extends GraphOptions>(
  given: Command,
  args: readonly string[],
  run: {
    readonly scopes: string
    readonly work: (run: CommandRun<Options>) => Promise<number>
    readonly interrupted: string | null
  },
): Promise<number> {
  const command = addGraphOptions(given).allowExcessArguments(false).exitOverride()
  try {
    command.parse(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
  const options = command.opts<Options>()
  const credentials = requireCredentials(options)
  if ('problem' in credentials) {
    printError(credentials.problem)
    return 2
  }
  const stop = new AbortController()
  // For good, because under npm a Ctrl-C arrives twice: from the terminal and from npm.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort())
  const graph = createGraphClient({
    url: options.url,
    ...credentials,
    signal: stop.signal,
    onThrottled: (seconds) => printError(`throttled; waiting ${seconds} s for points to flow back`),
  })
  try {
    return await run.work({ options, args: command.args, graph, signal: stop.signal, print, printError })
  } catch (error) {
    if (stop.signal.aborted) {
      const { interrupted } = run
      if (interrupted === null) return 0
      printError(`\n${interrupted}`)
      return 130
    }
    if (!(error instanceof Error)) throw error
    // Whoever read the output, such as `head`, has seen enough.
    if ('code' in error && error.code === 'EPIPE') return 0
    if (error instanceof UsageError) {
      printError(error.message)
      return 2
    }
    printError(explainCallFailure(error, run.scopes))
    return 1
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`)
}
