import { configHelp, readConfig } from '../kit/config.ts'
import { explainFailure } from '../kit/explain-failure.ts'
import { stopRequested } from '../kit/stop-requested.ts'
import { serveAuth } from './serve-auth.ts'

const help = `Serves the OAuth authorization server by itself: for gateways that have no database (AUTH_URL).

  node dist/auth/main.js

MONGODB_URI, TRIBUTARY_SECRET, PARTNER_URL and BILLING_URL must be set; PORT is by default 4007. AUTH_ISSUER is the origin under which
browsers and apps reach it.

${configHelp()}
`

/** The authorization server as a process of its own. Runs on import. */
async function main([argument]: readonly string[]): Promise<void> {
  if (argument === '--help' || argument === '-h') {
    process.stdout.write(help)
    return
  }
  const server = await serveAuth(readConfig(undefined, { PORT: '4007' }))
  process.stdout.write(`The authorization server is ready at ${server.url}\n`)
  await stopRequested()
  await server.close()
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`)
  process.exitCode = 1
}
