import { Command, Option } from 'commander'
import type { GraphOptions } from '../graph-options.ts'
import { listCommand } from '../list-command.ts'
import { mutate } from '../mutation.ts'
import { type CommandRun, graphCommand } from '../run-command.ts'
import { appScopesCommand } from './scopes-command.ts'

interface AppAnswer {
  readonly id: string
  readonly name: string
  readonly environment: string
  readonly status: string
  readonly clientType: string
  readonly scopes: readonly string[]
}

const fields = 'id name environment status clientType scopes'

/** `tributary app`. */
export function appCommand(): Command {
  return new Command('app')
    .summary('list, create and revoke apps, and give them scopes')
    .description('Apps are who calls the graph. Each has an environment, scopes, a plan and up to five keys.')
    .addCommand(appsCommand())
    .addCommand(createCommand())
    .addCommand(appScopesCommand())
    .addCommand(revokeCommand())
}

function appsCommand(): Command {
  const command = new Command('list')
    .summary('the apps of your organization')
    .option('--all', 'revoked ones too')
    .option('--organization <id>', 'those of this organization; for the operator')
    .addHelpText('after', '\nExample\n    tributary app list --json')
  return listCommand<AppAnswer, GraphOptions & { all?: true; organization?: string }>(command, {
    scopes: 'apps:read',
    async read({ graph, options }) {
      const { apps } = await graph.request<{ apps: { nodes: readonly AppAnswer[] } }>(
        `query ($status: AppStatus, $organization: ID) {
          apps(first: 250, status: $status, organizationId: $organization) { nodes { ${fields} } }
        }`,
        { status: options.all ? null : 'ACTIVE', organization: options.organization ?? null },
      )
      return apps.nodes
    },
    columns: () => [
      ['id', ({ id }) => id],
      ['name', ({ name }) => name],
      ['environment', ({ environment }) => environment],
      ['status', ({ status }) => status],
      ['scopes', ({ scopes }) => scopes.join(' ')],
    ],
  })
}

interface CreateOptions extends GraphOptions {
  readonly name: string
  readonly scopes: string
  readonly environment: string
  readonly description?: string
  readonly redirect?: readonly string[]
  readonly public?: true
  readonly organization?: string
}

function createCommand(): Command {
  const command = new Command('create')
    .summary('register an app')
    .requiredOption('--name <name>', 'its name, as people see it')
    .requiredOption('--scopes <scopes>', 'what it may do, parted by commas')
    .addOption(
      new Option('--environment <name>', 'which data it calls').choices(['sandbox', 'live']).default('sandbox'),
    )
    .option('--description <text>', 'what it is for')
    .option('--redirect <uris...>', 'where people are sent back to after they have signed in')
    .option('--public', 'it can keep no secret: a terminal, a page in a browser')
    .option('--organization <id>', 'for this organization; for the operator')
    .addHelpText(
      'after',
      `
Example
  An app and its first key:
    tributary app create --name "Stock feed" --scopes catalog:read,inventory:read
    tributary key create app_… --label "first key"`,
    )
  return graphCommand<CreateOptions>(command, { scopes: 'apps:write', interrupted: 'Interrupted.', work: create })
}

async function create({ graph, options, print, show }: CommandRun<CreateOptions>): Promise<number> {
  const { app } = await mutate<{ app: AppAnswer }>(
    graph,
    `mutation ($input: RegisterAppInput!) { registerApp(input: $input) { app { ${fields} } userErrors { code message } } }`,
    {
      input: {
        name: options.name,
        scopes: options.scopes.split(',').map((scope) => scope.trim()),
        environment: options.environment.toUpperCase(),
        clientType: options.public ? 'PUBLIC' : 'CONFIDENTIAL',
        description: options.description ?? '',
        redirectUris: options.redirect ?? [],
        organizationId: options.organization ?? null,
      },
    },
  )
  show(app, () => {
    print(`${app.id}  ${app.name}  ${app.environment}`)
    if (!options.public) print(`Make its first key with: tributary key create ${app.id} --label "first key"`)
  })
  return 0
}

function revokeCommand(): Command {
  const command = new Command('revoke')
    .summary('revoke an app for ever, with its keys, tokens and streams')
    .argument('<app>', 'its id')
    .option('--reason <text>', 'why')
    .addHelpText('after', '\nExample\n    tributary app revoke app_… --reason "retired"')
  return graphCommand<GraphOptions & { reason?: string }>(command, {
    scopes: 'apps:write',
    interrupted: 'Interrupted.',
    async work({ graph, options, args, print, show }) {
      const { app } = await mutate<{ app: AppAnswer }>(
        graph,
        `mutation ($input: RevokeAppInput!) { revokeApp(input: $input) { app { ${fields} } userErrors { code message } } }`,
        { input: { id: args[0], reason: options.reason ?? null } },
      )
      show(app, () => print(`${app.id}  ${app.status}`))
      return 0
    },
  })
}
