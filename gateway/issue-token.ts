import { parseArgs } from 'node:util'
import { v7 } from 'uuid'
import { accessTokenLifetimeSeconds } from '../kit/access-token-issuer.ts'
import { readConfig } from '../kit/config.ts'
import { ConfigError } from '../kit/config-error.ts'
import { installationSecret } from '../kit/installation-secret.ts'
import { deriveSecret } from '../kit/secrets.ts'
import { isIdOf } from '../kit/ids.ts'
import { scopes as allScopes, isShippedPrefix, prefixOf } from '../schema/scopes.ts'
import { explainFailure } from '../kit/explain-failure.ts'
import { createAccessTokens } from './identity/access-token.ts'

const help = `Prints an access token for an app, signed with this installation's key (DATA_DIR or TRIBUTARY_SECRET).

  npm run token -- --app app_…                            all scopes that the app has
  npm run token -- --app app_… --scope "catalog:read"     only these of them, separated by spaces
  npm run token -- --app app_… --user u_1                 on behalf of one end user of the app

The token is valid for ${accessTokenLifetimeSeconds / 60} minutes. Send it as: Authorization: Bearer <token>
`

/** `npm run token`: whoever can read the installation's secret may act as any app, so this is for its operator. */
async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      app: { type: 'string' },
      scope: { type: 'string' },
      user: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  if (values.app === undefined || !isIdOf('App', values.app)) {
    throw new ConfigError(
      'Name the app with --app app_…; the start prints the ids of the demo apps. --help tells more.',
    )
  }
  const wanted = values.scope?.split(/\s+/).filter((scope) => scope !== '') ?? null
  const unknown = wanted?.filter((scope) => !mayBe(scope)) ?? []
  if (unknown.length > 0) {
    throw new ConfigError(`There is no scope ${unknown.join(', ')}. Scopes: ${Object.keys(allScopes).join(', ')}.`)
  }
  const config = readConfig()
  const secret = await installationSecret(config.TRIBUTARY_SECRET, config.DATA_DIR)
  const tokens = createAccessTokens(deriveSecret(secret, 'access-token-signing'), () => new Date())
  const token = await tokens.issue({
    appId: values.app,
    scopes: wanted,
    endUserId: values.user ?? null,
    tokenId: v7(),
  })
  process.stdout.write(`${token}\n`)
}

/** What stands before the colon may be a published subgraph, of which this command knows nothing. */
function mayBe(scope: string): boolean {
  const prefix = prefixOf(scope)
  return Object.hasOwn(allScopes, scope) || (prefix !== '' && !isShippedPrefix(prefix))
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`)
  process.exitCode = 1
}
