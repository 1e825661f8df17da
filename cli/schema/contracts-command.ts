import { Command } from 'commander'
import type { GraphConnection } from '../../sdk/graph-client.ts'
import type { GraphOptions } from '../graph-options.ts'
import { table } from '../print-table.ts'
import { type CommandRun, graphCommand } from '../run-command.ts'
import { UsageError } from '../usage-error.ts'
import { daysOption } from './days-option.ts'
import { environmentOption } from './environment-option.ts'

interface Options extends GraphOptions {
  readonly environment: string
  readonly users?: true
  readonly days: number
}

interface ContractAnswer {
  readonly name: string
  readonly description: string
  readonly versions: readonly {
    readonly version: string
    readonly from: string
    readonly until: string
    readonly state: 'ANNOUNCED' | 'SUPPORTED' | 'RETIRED'
  }[]
}

interface UserAnswer {
  readonly appId: string
  readonly appName: string
  readonly organizationName: string | null
  readonly planName: string | null
  readonly contacts: readonly { readonly name: string; readonly email: string }[]
  readonly calls: number
  readonly lastDay: string | null
}

interface UsersAnswer {
  readonly name: string
  /** Null where usage may not be read. */
  readonly users: readonly UserAnswer[] | null
  readonly versions: readonly { readonly version: string; readonly users: readonly UserAnswer[] | null }[]
}

/** Who calls a path. */
interface PathUsers {
  readonly name: string
  readonly users: readonly UserAnswer[] | null
}

type SdlAnswer = { readonly name: string; readonly sdl: string | null; readonly versions: readonly VersionSdl[] }
interface VersionSdl {
  readonly version: string
  readonly sdl: string | null
}

/** `tributary schema contracts`. */
export function contractsCommand(): Command {
  const command = new Command('contracts')
    .summary('which parts of the graph audiences are shown, and their dated versions')
    .argument('[name]', 'a contract or a version, of which the schema is printed')
    .addOption(environmentOption())
    .option('--users', 'who calls each, or the one that is named, and when it last did')
    .addOption(daysOption())
    .addHelpText(
      'after',
      `
Examples
    tributary schema contracts
  The schema of a contract as it is now, for example to declare it as a version:
    tributary schema contracts partner > 2027-04.graphql
  Who still calls a version, before it ends:
    tributary schema contracts 2026-10 --users --days 90

\`--users\` needs billing:read, partner:read and apps:read besides.
Exit codes: 0 done, 1 something failed, 2 wrong options or no such contract.`,
    )
  return graphCommand<Options>(command, {
    scopes: 'schemas:read',
    interrupted: 'Interrupted.',
    async work(run) {
      const [name] = run.args
      if (run.options.users) return await showUsers(run, name)
      return name === undefined ? await showAll(run) : await showSdl(run, name)
    },
  })
}

async function showAll({ graph, options, print, show }: CommandRun<Options>): Promise<number> {
  const contracts = await ask<ContractAnswer>(graph, options, 'name description versions { version from until state }')
  show(contracts, () => print(table(['path', 'of', 'state', 'from', 'until', 'what'], rows(contracts))))
  return 0
}

async function showSdl({ graph, options, print, show }: CommandRun<Options>, name: string): Promise<number> {
  const contracts = await ask<SdlAnswer>(graph, options, 'name sdl versions { version sdl }')
  const found = named(
    contracts.flatMap((contract) => [
      { name: contract.name, sdl: contract.sdl },
      ...contract.versions.map(({ version, sdl }) => ({ name: version, sdl })),
    ]),
    name,
  )
  if (found.sdl === null) throw new UsageError(`${name} is no schema now; \`tributary schema check\` says why.`)
  show(found, () => print(found.sdl?.trimEnd() ?? ''))
  return 0
}

async function showUsers({ graph, options, print, show }: CommandRun<Options>, name?: string): Promise<number> {
  const fields = 'appId appName organizationName planName contacts { name email } calls lastDay'
  const contracts = await ask<UsersAnswer>(
    graph,
    options,
    `name users { ${fields} } versions { version users { ${fields} } }`,
  )
  const all = contracts.flatMap((contract): PathUsers[] => [
    { name: contract.name, users: contract.users },
    ...contract.versions.map(({ version, users }) => ({ name: version, users })),
  ])
  const asked = name === undefined ? all : [named(all, name)]
  if (asked.some(({ users }) => users === null)) {
    throw new Error('Usage could not be read: the app needs billing:read, partner:read and apps:read.')
  }
  show(asked, () =>
    print(table(['path', 'app', 'name', 'organization', 'plan', 'contact', 'calls', 'last'], userRows(asked))),
  )
  return 0
}

function named<Each extends { readonly name: string }>(all: readonly Each[], name: string): Each {
  const found = all.find((each) => each.name === name)
  if (found) return found
  const names = all.map((each) => each.name).join(', ')
  throw new UsageError(`There is no contract or version ${JSON.stringify(name)}. There are ${names || 'none'}.`)
}

async function ask<Answer>(graph: GraphConnection, { environment, days }: Options, fields: string): Promise<Answer[]> {
  const { schemaContracts } = await graph.request<{ schemaContracts: Answer[] | null }>(
    `query ($environment: GraphEnvironment!, $days: Int!) {
      schemaContracts(environment: $environment, usageDays: $days) { ${fields} }
    }`,
    { environment: environment.toUpperCase(), days },
  )
  return schemaContracts ?? []
}

function rows(contracts: readonly ContractAnswer[]) {
  return contracts.flatMap(({ name, description, versions }) => [
    [`/graphql/${name}`, '', 'NEWEST', '', '', description],
    ...versions.map(({ version, from, until, state }) => [`/graphql/${version}`, name, state, from, until, '']),
  ])
}

function userRows(all: readonly PathUsers[]) {
  return all.flatMap(({ name, users: found }) =>
    (found ?? []).map(({ appId, appName, organizationName, planName, contacts, calls, lastDay }) => [
      `/graphql/${name}`,
      appId,
      appName,
      organizationName,
      planName,
      contacts[0]?.email ?? null,
      calls,
      lastDay,
    ]),
  )
}
