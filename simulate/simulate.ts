import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { applyFeed } from './apply-feed.ts'
import { FeedError } from './feed-lines.ts'
import { GraphError, UnreachableError, createGraphClient } from '../sdk/graph-client.ts'
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
  Apply a distributor's stock feed, a CSV file with the header sku_code,location_code,on_hand:
    npm run simulate -- --app app_… --key trb_test_… --feed examples/stock.csv

Exit codes: 0 all done or ended by Ctrl-C, 1 something failed or lines of the feed were refused, 2 wrong options.`

interface Options {
  readonly url: string
  readonly app?: string
  readonly key?: string
  readonly rate: number
  readonly count: number
  readonly seed?: string
  readonly feed?: string
  readonly batch: number
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
  const { app, key } = options
  if (!app || !key) {
    printError('Which app? Pass --app and --key, or set TRIBUTARY_APP and TRIBUTARY_KEY.')
    printError('`npm start` prints the demo apps with their keys; Operator Console may do everything.')
    return 2
  }
  const stop = new AbortController()
  // For good, because under npm a Ctrl-C arrives twice: from the terminal and from npm.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort())
  try {
    return await run({ ...options, app, key }, stop.signal)
  } catch (error) {
    if (stop.signal.aborted) return 0
    if (!(error instanceof Error)) throw error
    printError(explain(error))
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
  if (options.feed !== undefined) {
    const feed = { graph, file: options.feed, batchSize: options.batch, print, printError }
    const { lines, applied, refused } = await applyFeed(feed)
    print(`${options.feed}: ${lines} lines, ${applied} applied, ${refused} refused`)
    return refused === 0 ? 0 : 1
  }
  const random = createRandom(options.seed ?? String(Math.random()))
  await runSimulation({ graph, random, rate: options.rate, count: options.count, signal, print })
  return 0
}

function createCommand(): Command {
  return new Command('npm run simulate --')
    .summary('trade against a running graph')
    .addOption(
      new Option('--url <url>', 'the GraphQL endpoint').default('http://localhost:4000/graphql').argParser(toUrl),
    )
    .addOption(new Option('--app <id>', 'the app to call as').env('TRIBUTARY_APP'))
    .addOption(new Option('--key <key>', "the app's key").env('TRIBUTARY_KEY'))
    .addOption(new Option('--rate <number>', 'actions per second at most').default(2).argParser(toNumber(0.01, 1_000)))
    .addOption(
      new Option('--count <number>', 'actions to do before it ends')
        .default(Number.POSITIVE_INFINITY, 'no end')
        .argParser(toNumber(1, 1e9)),
    )
    .option('--seed <text>', 'makes the same choices every time for the same text and data')
    .option('--feed <file>', 'apply this CSV file of counted stock, then end')
    .addOption(new Option('--batch <lines>', 'lines of the feed per mutation').default(100).argParser(toNumber(1, 250)))
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

function toUrl(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('It must be a URL such as http://localhost:4000/graphql.')
}

function explain(error: Error): string {
  if (error instanceof UnreachableError || error instanceof FeedError) return error.message
  if (!(error instanceof GraphError)) return error.stack ?? error.message
  if (error.code === 'UNAUTHENTICATED') return `${error.message}\nCheck --app and --key; \`npm start\` prints them.`
  if (error.code === 'FORBIDDEN')
    return `${error.message}\nThe app needs catalog:read, inventory:read, inventory:write.`
  return error.message
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`)
}
