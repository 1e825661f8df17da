import { Command, InvalidArgumentError } from 'commander'
import { toTime } from '../apps/key-command.ts'
import type { GraphOptions } from '../graph-options.ts'
import { listCommand } from '../list-command.ts'
import type { CommandRun } from '../run-command.ts'

interface Options extends GraphOptions {
  readonly by: readonly string[]
  readonly of?: string
  readonly coordinate?: string
  readonly contract?: string
  readonly from?: string
  readonly to?: string
  readonly limit: number
}

interface GroupAnswer {
  readonly keys: readonly { readonly dimension: string; readonly value: string }[]
  readonly app: { readonly name: string } | null
  readonly operations: number
  readonly calls: number
  readonly cost: number
  readonly errors: number
  readonly lastDay: string
}

/** `tributary usage`. */
export function usageCommand(): Command {
  const command = new Command('usage')
    .summary('what apps used, in groups')
    .option(
      '--by <groups>',
      'one to three of app, organization, environment, outcome, error-code, contract, coordinate, end-user, hour, day, month',
      toGroups,
      ['APP'],
    )
    .option('--of <app>', 'only this app')
    .option('--coordinate <field>', 'only operations that used this field, for example Query.products')
    .option('--contract <name>', 'only operations on its path, for example partner or 2026-10; none is the whole graph')
    .option('--from <time>', 'the beginning; the first of this month by default', toTime)
    .option('--to <time>', 'the end, not included; now by default', toTime)
    .option('--limit <number>', 'how many groups at most, 1 to 250', toLimit, 25)
    .addHelpText(
      'after',
      `
Examples
  What each of your apps used this month:
    tributary usage
  Who uses a field, before it is removed:
    tributary usage --by app --coordinate Product.name --from 2026-10-01
  Who still calls a dated version:
    tributary usage --by app --contract 2026-10
  Errors by code:
    tributary usage --by error-code --json`,
    )
  return listCommand<GroupAnswer, Options>(command, {
    scopes: 'billing:read',
    read: readUsage,
    columns: ({ by }) => [
      ...by.map(
        (group, index) => [group.toLowerCase(), ({ keys }: GroupAnswer) => keys[index]?.value ?? null] as const,
      ),
      ...(by.includes('APP') ? [['name', ({ app }: GroupAnswer) => app?.name ?? null] as const] : []),
      ['calls', ({ calls }) => calls],
      ['cost', ({ cost }) => cost],
      ['errors', ({ errors }) => errors],
      ['last', ({ lastDay }) => lastDay],
    ],
  })
}

async function readUsage({ graph, options }: CommandRun<Options>): Promise<readonly GroupAnswer[]> {
  const { by, of, coordinate, contract, from, to, limit } = options
  const contracts = contract === undefined ? null : [contract === 'none' ? 'NONE' : contract]
  const { usage } = await graph.request<{ usage: { nodes: readonly GroupAnswer[] } }>(
    `query ($by: [UsageDimension!]!, $app: ID, $coordinate: String, $contracts: [String!],
      $from: DateTimeISO, $to: DateTimeISO, $first: Int) {
      usage(groupBy: $by, appId: $app, coordinate: $coordinate, contracts: $contracts, from: $from, to: $to, first: $first) {
        nodes { keys { dimension value } app { name } operations calls cost errors lastDay }
      }
    }`,
    {
      by,
      app: of ?? null,
      coordinate: coordinate ?? null,
      contracts,
      from: from ?? null,
      to: to ?? null,
      first: limit,
    },
  )
  return usage.nodes
}

function toGroups(text: string): string[] {
  return text.split(',').map((group) => group.trim().toUpperCase().replaceAll('-', '_'))
}

function toLimit(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= 250) return limit
  throw new InvalidArgumentError('It must be between 1 and 250.')
}
