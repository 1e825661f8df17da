import { Command } from 'commander'
import type { GraphOptions } from '../graph-options.ts'
import { table } from '../print-table.ts'
import { graphCommand } from '../run-command.ts'
import { UsageError } from '../usage-error.ts'
import { environmentOption } from './environment-option.ts'

interface Options extends GraphOptions {
  readonly environment: string
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
    .addHelpText(
      'after',
      `
Examples
    tributary schema contracts
  The schema of a contract as it is now, for example to declare it as a version:
    tributary schema contracts partner > 2027-04.graphql`,
    )
  return graphCommand<Options>(command, {
    scopes: 'schemas:read',
    interrupted: 'Interrupted.',
    async work({ graph, options, args: [name], print, show }) {
      const variables = { environment: options.environment.toUpperCase() }
      if (name === undefined) {
        const { schemaContracts } = await graph.request<{ schemaContracts: readonly ContractAnswer[] }>(
          select('name description versions { version from until state }'),
          variables,
        )
        show(schemaContracts, () =>
          print(table(['path', 'of', 'state', 'from', 'until', 'what'], rows(schemaContracts))),
        )
        return 0
      }
      const { schemaContracts } = await graph.request<{ schemaContracts: readonly SdlAnswer[] }>(
        select('name sdl versions { version sdl }'),
        variables,
      )
      const all = schemaContracts.flatMap((contract) => [
        { name: contract.name, sdl: contract.sdl },
        ...contract.versions.map(({ version, sdl }) => ({ name: version, sdl })),
      ])
      const found = all.find((each) => each.name === name)
      if (found === undefined) {
        throw new UsageError(
          `There is no contract or version ${name}. There are ${all.map((each) => each.name).join(', ')}.`,
        )
      }
      if (found.sdl === null) throw new UsageError(`${name} is no schema now; \`tributary schema check\` says why.`)
      show(found, () => print(found.sdl?.trimEnd() ?? ''))
      return 0
    },
  })
}

function rows(contracts: readonly ContractAnswer[]) {
  return contracts.flatMap(({ name, description, versions }) => [
    [`/graphql/${name}`, '', 'NEWEST', '', '', description],
    ...versions.map(({ version, from, until, state }) => [`/graphql/${version}`, name, state, from, until, '']),
  ])
}

function select(fields: string): string {
  return `query ($environment: GraphEnvironment!) { schemaContracts(environment: $environment) { ${fields} } }`
}
