import { Command, InvalidArgumentError } from 'commander'
import type { GraphOptions } from '../graph-options.ts'
import { listCommand } from '../list-command.ts'
import { mutate } from '../mutation.ts'
import { graphCommand } from '../run-command.ts'
import { RefusedError } from '../usage-error.ts'

interface KeyAnswer {
  readonly id: string
  readonly prefix: string
  readonly label: string
  readonly status: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
}

const fields = 'id prefix label status createdAt expiresAt lastUsedAt'

/** `tributary key`. */
export function keyCommand(): Command {
  return new Command('key')
    .summary('list, create and revoke keys of an app')
    .description(
      'An app has up to five live keys, so that one is rotated without a failed call: create, switch, revoke.',
    )
    .addCommand(keysCommand())
    .addCommand(createCommand())
    .addCommand(revokeCommand())
}

function keysCommand(): Command {
  const command = new Command('list')
    .summary('the keys of an app; never the keys themselves')
    .argument('<app>', 'the id of the app')
    .addHelpText('after', '\nExample\n    tributary key list app_…')
  return listCommand<KeyAnswer>(command, {
    scopes: 'apps:read',
    async read({ graph, args }) {
      const { app } = await graph.request<{ app: { credentials: readonly KeyAnswer[] | null } | null }>(
        `query ($id: ID!) { app(id: $id) { credentials { ${fields} } } }`,
        { id: args[0] },
      )
      if (app === null)
        throw new RefusedError('NOT_FOUND', `There is no app ${args[0]}; \`tributary app list\` lists yours.`)
      return app.credentials ?? []
    },
    columns: () => [
      ['id', ({ id }) => id],
      ['begins with', ({ prefix }) => prefix],
      ['label', ({ label }) => label],
      ['status', ({ status }) => status],
      ['last used', ({ lastUsedAt }) => lastUsedAt],
      ['expires', ({ expiresAt }) => expiresAt],
    ],
  })
}

function createCommand(): Command {
  const command = new Command('create')
    .summary('make a key; it is shown once')
    .argument('<app>', 'the id of the app')
    .requiredOption('--label <text>', 'what the key is for')
    .option('--expires <time>', 'until when it works, for example 2027-01-31', toTime)
    .addHelpText('after', '\nExample\n    tributary key create app_… --label "billing server" --expires 2027-01-31')
  return graphCommand<GraphOptions & { label: string; expires?: string }>(command, {
    scopes: 'apps:write',
    interrupted: 'Interrupted.',
    async work({ graph, options, args, print, printError, show }) {
      const { appCredential, key } = await mutate<{ appCredential: KeyAnswer; key: string }>(
        graph,
        `mutation ($input: CreateAppCredentialInput!) {
          createAppCredential(input: $input) { appCredential { ${fields} } key userErrors { code message } }
        }`,
        { input: { appId: args[0], label: options.label, expiresAt: options.expires ?? null } },
      )
      show({ ...appCredential, key }, () => {
        printError('This is the only time that the key is shown:')
        print(key)
      })
      return 0
    },
  })
}

function revokeCommand(): Command {
  const command = new Command('revoke')
    .summary('end a key; calls by it are refused within two seconds')
    .argument('<key>', 'the id of the key, such as cred_…')
    .addHelpText('after', '\nExample\n    tributary key revoke cred_…')
  return graphCommand<GraphOptions>(command, {
    scopes: 'apps:write',
    interrupted: 'Interrupted.',
    async work({ graph, args, print, show }) {
      const { appCredential } = await mutate<{ appCredential: KeyAnswer }>(
        graph,
        `mutation ($input: RevokeAppCredentialInput!) {
          revokeAppCredential(input: $input) { appCredential { ${fields} } userErrors { code message } }
        }`,
        { input: { id: args[0] } },
      )
      show(appCredential, () => print(`${appCredential.id}  ${appCredential.status}`))
      return 0
    },
  })
}

/** A day or moment as the graph takes it. */
export function toTime(text: string): string {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('It must be a day such as 2027-01-31, or a moment.')
  return time.toISOString()
}
