import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { type GraphOptions, addGraphOptions, explainCallFailure, requireCredentials } from '../cli/graph-options.ts'
import { createGraphClient } from '../sdk/graph-client.ts'
import { createRandom } from './random.ts'
import { runSimulation } from './run-simulation.ts'

const examples = `
Sells and restocks against a running graph, so that its streams have something to tell. It uses nothing but the
public API, as an app with the scopes catalog:read, inventory:read and inventory:write does; with those of the
platform operator it registers and decides a deal now and then. \`npm start\` prints an app and a key that can.

Examples
  Trade twice a second until Ctrl-C:
    npm run simulate -- --app app_… --key trb_test_…
  The same 100 actions, every time:
    npm run simulate -- --app app_… --key trb_test_… --seed monday --count 100 --rate 20

Exit codes: 0 all done or ended by Ctrl-C, 1 something failed, 2 wrong options.`

interface Options extends GraphOptions {
  readonly rate: number
  readonly count: number
  readonly seed?: string
}

/** Runs the command with its arguments; answers the exit code. */
export async function simulate(args: readonly string[]): Promise<number> {
  const command = createCommand()
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
  try {
    return await run({ ...options, ...credentials }, stop.signal)
  } catch (error) {
    if (stop.signal.aborted) return 0
    if (!(error instanceof Error)) throw error
    printError(explainCallFailure(error, 'catalog:read, inventory:read, inventory:write'))
    return 1
  }
}

async function run(options: Options & { app: string; key: string }, signal: AbortSignal): Promise<number> {
  const graph = createGraphClient({
    url: options.url,
    app: options.app,
    key: options.key,
    signal,
    onThrottled: (seconds) => printError(`throttled; waiting ${seconds} s for points to flow back`),
  })
  const random = createRandom(options.seed ?? String(Math.random()))
  await runSimulation({ graph, random, rate: options.rate, count: options.count, signal, print })
  return 0
}

function createCommand(): Command {
  return addGraphOptions(new Command('npm run simulate --'))
    .summary('trade against a running graph')
    .addOption(new Option('--rate <number>', 'actions per second at most').default(2).argParser(toNumber(0.01, 1_000)))
    .addOption(
      new Option('--count <number>', 'actions to do before it ends')
        .default(Number.POSITIVE_INFINITY, 'no end')
        .argParser(toNumber(1, 1e9)),
    )
    .option('--seed <text>', 'makes the same choices every time for the same text and data')
    .addHelpText('after', examples)
    .allowExcessArguments(false)
    .exitOverride()
}

function toNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (number >= min && number <= max) return number
    throw new InvalidArgumentError(`It must be between ${min} and ${max}.`)
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`)
}
