import { Command } from 'commander'
import type { GraphOptions } from '../graph-options.ts'
import { mutate } from '../mutation.ts'
import { graphCommand } from '../run-command.ts'
import { RefusedError, UsageError } from '../usage-error.ts'
import { toNames } from '../to-names.ts'

interface AppScopes {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
}

/** `tributary app scopes`. */
export function appScopesCommand(): Command {
  const command = new Command('scopes')
    .summary('give scopes to an app, or take them away')
    .argument('<app>', 'its id')
    .option('--add <scopes>', 'these, parted by commas', toNames)
    .option('--remove <scopes>', 'these, parted by commas', toNames)
    .addHelpText(
      'after',
      `
Without options it shows them. What is taken away is gone within two seconds, on open streams too.

Example
    tributary app scopes app_… --add loyalty:read`,
    )
  return graphCommand<GraphOptions & { add?: readonly string[]; remove?: readonly string[] }>(command, {
    scopes: 'apps:read and apps:write',
    interrupted: 'Interrupted.',
    async work({ graph, options, args, print, show }) {
      const [id = ''] = args
      const { app } = await graph.request<{ app: AppScopes | null }>(
        'query ($id: ID!) { app(id: $id) { id name scopes } }',
        { id },
      )
      if (app === null)
        throw new RefusedError('NOT_FOUND', `There is no app ${id}; \`tributary app list\` lists yours.`)
      const { add = [], remove = [] } = options
      const both = add.find((scope) => remove.includes(scope))
      if (both !== undefined) throw new UsageError(`${both} cannot be added and removed at once.`)
      const wanted = [...new Set([...app.scopes, ...add])].filter((scope) => !remove.includes(scope))
      const changed = add.length + remove.length === 0 ? app : await change(wanted)
      show(changed, () => print(`${changed.name}: ${changed.scopes.join(' ')}`))
      return 0

      async function change(scopes: readonly string[]): Promise<AppScopes> {
        const payload = await mutate<{ app: AppScopes }>(
          graph,
          `mutation ($input: UpdateAppInput!) { updateApp(input: $input) { app { id name scopes } userErrors { code message } } }`,
          { input: { id, scopes } },
        )
        return payload.app
      }
    },
  })
}
