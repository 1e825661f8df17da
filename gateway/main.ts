import { parseArgs } from 'node:util'
import { configHelp, readConfig } from '../kit/config.ts'
import { createLogger } from '../kit/log.ts'
import { stopRequested } from '../kit/stop-requested.ts'
import { productVersion } from '../kit/version.ts'
import { explainFailure } from '../kit/explain-failure.ts'

const help = `Tributary: one federated GraphQL graph for partners, channel and internal teams.

  npm start                  the whole product in one process, with demo data
  npm run start:split        the same as one process per subgraph
  PORT=8080 npm start        settings come from the environment:

${configHelp()}

  --help, -h                 this text
  --version                  the version
`

/** A part that does not answer any more must not keep the process alive. */
const stopWithinMs = 15_000

/** The gateway's process, and with it the whole product where no subgraph has a URL. Runs on import. */
async function main(args: readonly string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
  })
  if (options.help || options.version) {
    process.stdout.write(options.help ? help : `${productVersion}\n`)
    return
  }
  const config = readConfig()
  const stop = stopRequested()
  // Only now: the product takes a second to load, and help or a wrong setting need not wait for it.
  const [{ startGateway }, { startPrint }] = await Promise.all([
    import('./start-gateway.ts'),
    import('./demo/start-print.ts'),
  ])
  const gateway = await startGateway({
    config,
    log: createLogger('gateway', config.LOG_LEVEL),
    progress: (step) => process.stdout.write(`${step} …\n`),
  })
  process.stdout.write(startPrint(gateway.url, gateway.demo, gateway.person))
  const reason = await Promise.race([stop, gateway.lost])
  process.stdout.write('\nStopping …\n')
  if (typeof reason === 'string') {
    process.stderr.write(`The embedded database ${reason}. Start again: nothing that was acknowledged is lost.\n`)
    // Nothing can be put in order without the database, and whoever supervises this process should know at once.
    process.exit(1)
  }
  setTimeout(() => {
    process.stderr.write('Stopping took too long; what was acknowledged is kept.\n')
    process.exit(1)
  }, stopWithinMs).unref()
  await gateway.close()
}

// Whoever read the output may be gone before the product is; that is no reason to end without closing.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`)
  process.exitCode = 1
}
