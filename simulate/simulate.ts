import { Command, InvalidArgumentError, Option } from 'commander'
import type { GraphOptions } from '../cli/graph-options.ts'
import { runCommand } from '../cli/run-command.ts'
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
export function simulate(args: readonly string[]): Promise<number> {
  return runCommand<Options>(createCommand(), args, {
    scopes: 'catalog:read, inventory:read, inventory:write',
    interrupted: null,
    async work({ options: { seed, rate, count }, graph, signal, print }) {
      await runSimulation({ graph, random: createRandom(seed ?? String(Math.random())), rate, count, signal, print })
      return 0
    },
  })
}

function createCommand(): Command {
  return new Command('npm run simulate --')
    .summary('trade against a running graph')
    .addOption(new Option('--rate <number>', 'actions per second at most').default(2).argParser(toNumber(0.01, 1_000)))
    .addOption(
      new Option('--count <number>', 'actions to do before it ends')
        .default(Number.POSITIVE_INFINITY, 'no end')
        .argParser(toNumber(1, 1e9)),
    )
    .option('--seed <text>', 'makes the same choices every time for the same text and data')
    .addHelpText('after', examples)
}

function toNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (number >= min && number <= max) return number
    throw new InvalidArgumentError(`It must be between ${min} and ${max}.`)
  }
}
