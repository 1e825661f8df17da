import { parseArgs } from 'node:util'
import { readConfig } from '../kit/config.ts'
import { ConfigError } from '../kit/config-error.ts'
import { explainFailure } from '../kit/explain-failure.ts'
import { isIdOf } from '../kit/ids.ts'
import { installationSecret } from '../kit/installation-secret.ts'
import { deriveSecret } from '../kit/secrets.ts'
import { issuePasswordTicket } from './sign-in/password-ticket.ts'

const help = `Prints a link under which a member chooses the password to sign in with, for three days and once.

  npm run login -- --member mem_…                          of this machine
  npm run login -- --member mem_… --url https://…          of an authorization server elsewhere

Signed with this installation's key (DATA_DIR or TRIBUTARY_SECRET): whoever has the link may act as the member.
`

/** `npm run login`: how people other than the demo's come to a password. */
async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { member: { type: 'string' }, url: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const { member: memberId } = values
  if (memberId === undefined || !isIdOf('Member', memberId)) {
    throw new ConfigError('Name the member with --member mem_…; the query `members` tells the ids. --help tells more.')
  }
  const config = readConfig()
  const secret = await installationSecret(config.TRIBUTARY_SECRET, config.DATA_DIR)
  const ticket = issuePasswordTicket(deriveSecret(secret, 'password-ticket'), { memberId, issuedAt: new Date() })
  const origin = values.url ?? config.AUTH_ISSUER ?? `http://localhost:${config.PORT}`
  process.stdout.write(`${origin.replace(/\/+$/, '')}/oauth/password?ticket=${ticket}\n`)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`)
  process.exitCode = 1
}
