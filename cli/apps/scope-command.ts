import { Command } from 'commander'
import type { GraphClient } from '../../sdk/graph-client.ts'
import type { GraphOptions } from '../graph-options.ts'
import { mutate } from '../mutation.ts'
import { table } from '../print-table.ts'
import { graphCommand } from '../run-command.ts'
import { toNames } from '../to-names.ts'
import { RefusedError } from '../usage-error.ts'

interface ScopeAnswer {
  readonly name: string
  readonly subgraph: string
  readonly description: string
  readonly environments: readonly string[]
  readonly everyPartner: boolean
  readonly tierIds: readonly string[]
  readonly organizationIds: readonly string[]
  readonly roles: readonly string[]
  readonly version: number
}

const fields = 'name subgraph description environments everyPartner tierIds organizationIds roles version'

/** `tributary scope`. */
export function scopeCommand(): Command {
  return new Command('scope')
    .summary('the scopes of published subgraphs, and to whom they are offered')
    .description(
      'A subgraph declares scopes of its own. Apps of the platform company may have them at once, those of partners once\n' +
        'the operator offers them; `tributary app scopes` then gives them to an app.',
    )
    .addCommand(listCommand())
    .addCommand(offerCommand())
}

async function readScopes(graph: GraphClient): Promise<readonly ScopeAnswer[]> {
  const { declaredScopes } = await graph.request<{ declaredScopes: { nodes: readonly ScopeAnswer[] } }>(
    `{ declaredScopes(first: 250) { nodes { ${fields} } } }`,
    {},
  )
  return declaredScopes.nodes
}

function listCommand(): Command {
  const command = new Command('list')
    .summary('what published subgraphs declare, and to whom it is offered')
    .addHelpText('after', '\nExample\n    tributary scope list')
  return graphCommand<GraphOptions>(command, {
    scopes: 'partner:decide',
    interrupted: 'Interrupted.',
    async work({ graph, print, show }) {
      const scopes = await readScopes(graph)
      show(scopes, () =>
        print(
          table(
            ['scope', 'allows to', 'graphs', 'offered to', 'roles'],
            scopes.map((scope) => [
              scope.name,
              scope.description,
              scope.environments.join(' ').toLowerCase(),
              offeredTo(scope),
              scope.roles.join(' '),
            ]),
          ),
        ),
      )
      return 0
    },
  })
}

interface OfferOptions extends GraphOptions {
  readonly everyPartner?: true
  readonly nobody?: true
  readonly tiers?: readonly string[]
  readonly organizations?: readonly string[]
  readonly roles?: readonly string[]
}

function offerCommand(): Command {
  const command = new Command('offer')
    .summary('let partners give a scope to their apps')
    .argument('<scope>', 'its name, for example loyalty:read')
    .option('--every-partner', 'every partner whose scopes were not chosen one by one')
    .option('--tiers <ids>', 'the partners in these tiers besides', toNames)
    .option('--organizations <ids>', 'these organizations besides', toNames)
    .option('--nobody', 'nobody any more but those named here: who had it loses it')
    .option('--roles <roles>', 'whose people may hand it out and act by it, such as ADMIN,DEVELOPER,SALES', toNames)
    .addHelpText(
      'after',
      `
Examples
    tributary scope offer loyalty:read --organizations org_…
    tributary scope offer loyalty:read --every-partner --roles ADMIN,DEVELOPER,SALES
    tributary scope offer loyalty:read --nobody`,
    )
  return graphCommand<OfferOptions>(command, {
    scopes: 'partner:decide',
    interrupted: 'Interrupted.',
    async work({ graph, options, args, print, show }) {
      const [name = ''] = args
      const known = (await readScopes(graph)).find((scope) => scope.name === name)
      if (known === undefined) {
        throw new RefusedError(
          'NOT_FOUND',
          `No published subgraph declares ${name}; \`tributary scope list\` shows what is.`,
        )
      }
      const { everyPartner, nobody, tiers = [], organizations = [], roles } = options
      const before = nobody ? { everyPartner: false, tierIds: [], organizationIds: [] } : known
      const { declaredScope } = await mutate<{ declaredScope: ScopeAnswer }>(
        graph,
        `mutation ($input: OfferScopeInput!) {
          offerScope(input: $input) { declaredScope { ${fields} } userErrors { code message } }
        }`,
        {
          input: {
            scope: name,
            everyPartner: everyPartner ?? before.everyPartner,
            tierIds: [...before.tierIds, ...tiers],
            organizationIds: [...before.organizationIds, ...organizations],
            roles: roles ?? null,
            expectedVersion: known.version,
          },
        },
      )
      show(declaredScope, () => print(`${declaredScope.name} is offered to ${offeredTo(declaredScope)}.`))
      return 0
    },
  })
}

function offeredTo({ everyPartner, tierIds, organizationIds }: ScopeAnswer): string {
  const all = [...(everyPartner ? ['every partner'] : []), ...tierIds, ...organizationIds]
  return all.length === 0 ? 'the platform company alone' : all.join(', ')
}
