import { createEventLog, prepareEventLog } from '../events/event-log.ts'
import { configHelp, readConfig } from '../kit/config.ts'
import { ConfigError } from '../kit/config-error.ts'
import { createLogger } from '../kit/log.ts'
import { deriveSecret } from '../kit/secrets.ts'
import { openTracing } from '../kit/tracing.ts'
import { productVersion } from '../kit/version.ts'
import { stopRequested } from '../kit/stop-requested.ts'
import { serveSubgraph } from '../kit/subgraph-server.ts'
import { connectStorage } from '../storage/connect.ts'
import { prepareMutations } from '../storage/mutate.ts'
import { explainFailure } from '../kit/explain-failure.ts'
import { createOutside } from './create-outside.ts'
import { type RegisteredSubgraph, subgraphs } from './registry.ts'
import { runBackground } from './run-background.ts'

const names = subgraphs.map(({ name }) => name).join(', ')
const help = `Serves one subgraph over HTTP to gateways that share its secret.

  node dist/subgraphs/main.js <name>      one of: ${names}

MONGODB_URI and TRIBUTARY_SECRET must be set; PORT is by default the subgraph's own (4001 to 4006, 4008, 4009).

${configHelp()}
`

const now = () => new Date()

/** One subgraph as a process of its own: `node dist/subgraphs/main.js <name>`. */
async function main([argument, ...rest]: readonly string[]): Promise<void> {
  if (argument === '--help' || argument === '-h') {
    process.stdout.write(help)
    return
  }
  const subgraph = subgraphs.find(({ name }) => name === argument)
  if (subgraph === undefined || rest.length > 0) {
    throw new ConfigError(`Name one subgraph of: ${names}. --help tells more.`)
  }
  const server = await start(subgraph)
  process.stdout.write(`The ${subgraph.name} subgraph is ready at ${server.url}\n`)
  await stopRequested()
  await server.close()
}

async function start(subgraph: RegisteredSubgraph): Promise<{ url: string; close(): Promise<void> }> {
  const config = readConfig(undefined, { PORT: String(subgraph.port) })
  const { MONGODB_URI: uri, TRIBUTARY_SECRET: secret } = config
  if (uri === undefined) throw new ConfigError('Set MONGODB_URI to the database that all subgraphs share.')
  if (secret === undefined) throw new ConfigError('Set TRIBUTARY_SECRET to the secret that the gateways have.')

  const log = createLogger(subgraph.name, config.LOG_LEVEL)
  const storage = await connectStorage({ dataDir: config.DATA_DIR, mongodbUri: uri })
  const { connection } = storage
  try {
    await prepareEventLog(connection)
    await prepareMutations(connection)
    const eventLog = createEventLog(connection, { log, now })
    const outside = createOutside({ config, secret, gateway: () => config.GRAPH_URL, now })
    const service = await subgraph.createService({
      connection,
      events: eventLog.forSource(subgraph.name),
      log,
      now,
      secretFor: (purpose) => deriveSecret(secret, purpose),
      outside,
    })
    const tracing = await openTracing({
      service: `tributary-${subgraph.name}`,
      version: productVersion,
      endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
      share: config.OTEL_TRACES_SAMPLER_ARG,
    })
    const server = await serveSubgraph({
      service,
      signatureKey: deriveSecret(secret, 'gateway-signature'),
      port: config.PORT,
      host: config.HOST,
      log,
      now,
      tracer: tracing?.tracer ?? null,
    })
    const background = runBackground([service], {
      connection,
      eventLog,
      log,
      now,
      auditDays: config.AUDIT_DAYS,
    })
    return {
      url: server.url,
      async close() {
        await background.close()
        await outside.close()
        await server.close()
        await tracing?.close()
        await eventLog.close()
        await storage.close()
      },
    }
  } catch (error) {
    await storage.close()
    throw error
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`)
  process.exitCode = 1
}
