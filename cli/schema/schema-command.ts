import { Command, InvalidArgumentError } from 'commander'
import type { GraphOptions } from '../graph-options.ts'
import { listCommand } from '../list-command.ts'
import { type CommandRun, graphCommand } from '../run-command.ts'
import { contractsCommand } from './contracts-command.ts'
import { daysOption } from './days-option.ts'
import { environmentOption } from './environment-option.ts'
import { type Published, type VersionAnswer, changePublication, readSdl, versionFields } from './publish.ts'
import {
  type ChangeAnswer,
  type CheckAnswer,
  changeFields,
  checkFields,
  describeChange,
  describeCheck,
} from './schema-check.ts'

interface Options extends GraphOptions {
  readonly environment: string
  readonly subgraph: string
  readonly schema: string
  readonly url?: string
  readonly reason: string
  readonly accept?: readonly string[]
  readonly expected?: number
  readonly replaceShipped?: true
  readonly days: number
  readonly to: number
}

/** `tributary schema`. */
export function schemaCommand(): Command {
  return new Command('schema')
    .summary('check, publish and roll back subgraphs of the graph')
    .description(
      'The registry of subgraphs. What is published is served by the gateways within a second or two, without a restart\n' +
        'and without a failed request. Each environment has a graph of its own.',
    )
    .addCommand(checkCommand())
    .addCommand(publishCommand())
    .addCommand(rollBackCommand())
    .addCommand(retireCommand())
    .addCommand(versionsCommand())
    .addCommand(diffCommand())
    .addCommand(contractsCommand())
}

const acceptHelp =
  'breaking changes that are accepted: coordinates, ids of trusted documents or of apps, parted by commas'

function withText(command: Command): Command {
  return command
    .requiredOption('--subgraph <name>', 'its name, for example loyalty')
    .requiredOption('--schema <file>', 'its SDL')
    .option('--url <url>', 'where gateways reach it; where they do now, by default')
    .addOption(environmentOption())
    .option('--accept <names>', acceptHelp, toList)
    .option('--replace-shipped', 'take the place of a subgraph that comes with the product')
}

const codes = '\nExit codes: 0 it passes, 1 it does not or something failed, 2 wrong options.'

function checkCommand(): Command {
  const command = withText(new Command('check'))
    .summary('what publishing would come to: what is wrong, and whom it would break')
    .addOption(daysOption())
    .addHelpText(
      'after',
      `
Examples
    tributary schema check --subgraph loyalty --schema schema.graphql --url http://localhost:4100/graphql
  In a pipeline, as JSON:
    tributary schema check --subgraph loyalty --schema schema.graphql --json > check.json
${codes}`,
    )
  return graphCommand<Options>(command, {
    scopes: 'schemas:read',
    interrupted: 'Interrupted.',
    async work({ graph, options, print, show }) {
      const { checkSubgraph } = await graph.request<{ checkSubgraph: CheckAnswer }>(
        `query ($input: CheckSubgraphInput!) { checkSubgraph(input: $input) { ${checkFields} } }`,
        { input: { ...(await textOf(options)), usageDays: options.days } },
      )
      show(checkSubgraph, () => print(describeCheck(checkSubgraph)))
      return checkSubgraph.passed ? 0 : 1
    },
  })
}

function publishCommand(): Command {
  const command = withText(new Command('publish'))
    .summary('check a subgraph and have the gateways serve it')
    .requiredOption('--reason <text>', 'why, for those who read it later')
    .option('--expected <number>', 'only over this version, which you have seen; 0 for a new subgraph', toNumber)
    .addHelpText(
      'after',
      `
Examples
    tributary schema publish --subgraph loyalty --schema schema.graphql --url https://loyalty.internal/graphql \\
      --reason "points of organizations"
  Although a field that is in use goes away:
    tributary schema publish … --accept LoyaltyAccount.tier --reason "told to all on 2 November"
${codes}`,
    )
  return graphCommand<Options>(command, {
    scopes: 'schemas:write',
    interrupted: 'Interrupted. `tributary schema list` shows what is published.',
    async work(run) {
      const { options } = run
      const input = { ...(await textOf(options)), reason: options.reason, expectedVersion: options.expected ?? null }
      return conclude(run, await changePublication(run.graph, 'publishSubgraph', input))
    },
  })
}

function rollBackCommand(): Command {
  const command = new Command('rollback')
    .summary('publish an earlier version anew')
    .requiredOption('--subgraph <name>', 'its name')
    .requiredOption('--to <number>', 'the number of the version, as `tributary schema list` shows it', toNumber)
    .requiredOption('--reason <text>', 'why')
    .option('--accept <names>', acceptHelp, toList)
    .addOption(environmentOption())
    .addHelpText(
      'after',
      `\nExample\n    tributary schema rollback --subgraph loyalty --to 3 --reason "wrong points"\n${codes}`,
    )
  return graphCommand<Options>(command, {
    scopes: 'schemas:write',
    interrupted: 'Interrupted. `tributary schema list` shows what is published.',
    async work(run) {
      const { to: toVersion } = run.options
      return conclude(
        run,
        await changePublication(run.graph, 'rollBackSubgraph', { ...changeOf(run.options), toVersion }),
      )
    },
  })
}

function retireCommand(): Command {
  const command = new Command('retire')
    .summary('take a subgraph out of the graph')
    .requiredOption('--subgraph <name>', 'its name')
    .requiredOption('--reason <text>', 'why')
    .option('--accept <names>', acceptHelp, toList)
    .addOption(environmentOption())
    .addHelpText(
      'after',
      `\nExample\n    tributary schema retire --subgraph loyalty --reason "moved to billing"\n${codes}`,
    )
  return graphCommand<Options>(command, {
    scopes: 'schemas:write',
    interrupted: 'Interrupted. `tributary schema list` shows what is published.',
    work: async (run) => conclude(run, await changePublication(run.graph, 'retireSubgraph', changeOf(run.options))),
  })
}

function versionsCommand(): Command {
  const command = new Command('list')
    .summary('what was published, by whom and why, the newest first')
    .option('--subgraph <name>', 'only this one')
    .addOption(environmentOption())
    .addHelpText('after', '\nExample\n    tributary schema list --subgraph loyalty')
  return listCommand<VersionAnswer, Options>(command, {
    scopes: 'schemas:read',
    async read({ graph, options }) {
      const { subgraphVersions } = await graph.request<{ subgraphVersions: { nodes: readonly VersionAnswer[] } }>(
        `query ($environment: GraphEnvironment!, $subgraph: String) {
          subgraphVersions(first: 50, environment: $environment, subgraph: $subgraph) { nodes { ${versionFields} } }
        }`,
        { environment: options.environment.toUpperCase(), subgraph: options.subgraph ?? null },
      )
      return subgraphVersions.nodes
    },
    columns: () => [
      ['subgraph', (version) => version.subgraph],
      ['version', ({ number }) => number],
      ['state', ({ state }) => state],
      ['published', ({ publishedAt }) => publishedAt],
      ['by', ({ author }) => author],
      ['supergraph', ({ supergraphNumber }) => supergraphNumber],
      ['url', ({ url }) => url],
      ['reason', ({ reason }) => reason],
    ],
  })
}

function diffCommand(): Command {
  const command = new Command('diff')
    .summary('how the graph that clients see differs between two supergraphs')
    .argument('<from>', 'the number of the earlier one; 0 for the graph without anything published', toNumber)
    .argument('[to]', 'the number of the later one; the one that is served, by default', toNumber)
    .addOption(environmentOption())
    .addHelpText('after', '\nExample\n    tributary schema diff 0')
  return graphCommand<Options>(command, {
    scopes: 'schemas:read',
    interrupted: 'Interrupted.',
    async work({ graph, options, args, print, show }) {
      const [from, to] = args
      const { supergraphChanges } = await graph.request<{ supergraphChanges: readonly ChangeAnswer[] }>(
        `query ($environment: GraphEnvironment!, $from: Int!, $to: Int) {
          supergraphChanges(environment: $environment, from: $from, to: $to) { ${changeFields} }
        }`,
        {
          environment: options.environment.toUpperCase(),
          from: Number(from),
          to: to === undefined ? null : Number(to),
        },
      )
      show(supergraphChanges, () =>
        print(supergraphChanges.length === 0 ? 'No change.' : supergraphChanges.map(describeChange).join('\n')),
      )
      return 0
    },
  })
}

function conclude({ print, show }: CommandRun<Options>, { version, check }: Published): number {
  show({ version, check }, () => {
    if (check !== null) print(describeCheck(check))
    if (version !== null) {
      print(`${version.subgraph} is at version ${version.number}, in supergraph ${version.supergraphNumber}.`)
    }
  })
  return version === null ? 1 : 0
}

async function textOf(options: Options) {
  return {
    environment: options.environment.toUpperCase(),
    subgraph: options.subgraph,
    sdl: await readSdl(options.schema),
    url: options.url ?? null,
    acceptBreaking: options.accept ?? [],
    replaceShipped: options.replaceShipped === true,
  }
}

function changeOf({ environment: name, subgraph, reason, accept }: Options) {
  return { environment: name.toUpperCase(), subgraph, reason, acceptBreaking: accept ?? [] }
}

function toList(text: string): string[] {
  return text.split(',').map((item) => item.trim())
}

function toNumber(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 0) return number
  throw new InvalidArgumentError('It must be a whole number.')
}
