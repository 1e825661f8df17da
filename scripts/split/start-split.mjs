import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fromRoot, importBuilt } from '../prepare/root.mjs'
import { createProcessGroup } from './process-group.mjs'

const help = `The product as separate processes on this machine: the database, one process per subgraph, the
authorization server and the gateway.
Settings are those of \`npm start\` and come from the environment; \`npm start -- --help\` lists them.
`

/**
 * Starts what docker-compose.yml describes on one machine and on free ports, until Ctrl-C or until a part fails.
 * @param {readonly string[]} args
 */
export async function startSplit(args) {
  if (args.length > 0) {
    process.stdout.write(help)
    process.exitCode = args.includes('--help') || args.includes('-h') ? 0 : 1
    return
  }
  const { stopRequested } = await importBuilt('kit/stop-requested.js')
  const { explainFailure } = await importBuilt('kit/explain-failure.js')
  const stop = stopRequested()
  const group = createProcessGroup()
  const running = startAll(group).then(() => new Promise(() => {}))
  try {
    await Promise.race([stop, group.failure, running])
  } catch (error) {
    process.stderr.write(`${explainFailure(error)}\n`)
    process.exitCode = 1
  } finally {
    await group.close()
  }
}

/** @param {ReturnType<typeof createProcessGroup>} group */
async function startAll(group) {
  const { readConfig } = await importBuilt('kit/config.js')
  const { installationSecret } = await importBuilt('kit/installation-secret.js')
  const { subgraphs } = await importBuilt('subgraphs/registry.js')

  const config = readConfig()
  const secret = await installationSecret(config.TRIBUTARY_SECRET, config.DATA_DIR)
  const uri = config.MONGODB_URI ?? (await startDatabase(group, config.DATA_DIR))
  const demo = config.DEMO ?? config.MONGODB_URI === undefined
  const environment = { MONGODB_URI: uri, TRIBUTARY_SECRET: secret, DEMO: String(demo) }

  // Before the gateway listens: subgraphs are told where it will, for the selections of webhooks.
  const port = config.PORT === 0 ? await freePort() : config.PORT
  const graph = config.GRAPH_URL ? {} : { GRAPH_URL: `http://localhost:${port}` }

  if (demo) await group.run({ name: 'seed', script: fromRoot('dist/subgraphs/seed.js'), environment })
  const urls = await Promise.all(
    subgraphs.map(async (/** @type {{ name: string, urlSetting: string }} */ { name, urlSetting }) => {
      const server = group.start({
        name,
        script: fromRoot('dist/subgraphs/main.js'),
        args: [name],
        environment: { ...environment, ...graph, PORT: '0', HOST: '127.0.0.1' },
      })
      return [urlSetting, await server.url]
    }),
  )
  const auth = group.start({
    name: 'auth',
    script: fromRoot('dist/auth/main.js'),
    environment: { ...environment, ...Object.fromEntries(urls), ...graph, PORT: '0', HOST: '127.0.0.1' },
  })
  const authUrl = await auth.url
  group.start({
    name: 'gateway',
    script: fromRoot('dist/gateway/main.js'),
    environment: { ...environment, ...Object.fromEntries(urls), AUTH_URL: authUrl, PORT: String(port) },
    // docs/performance.md: what a gateway makes is dead at once, so a smaller young generation takes less memory and no more time.
    nodeFlags: ['--max-semi-space-size=8'],
    // What it prints at its start is for the person at the terminal, to be copied from there.
    plainOutput: true,
  })
}

/** @returns {Promise<number>} a port that nobody listens on now */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}

/**
 * Starts the embedded database where `npm start` keeps it, so that both ways of running have the same data.
 * @param {ReturnType<typeof createProcessGroup>} group
 * @param {string} dataDir
 * @returns {Promise<string>} its URI
 */
async function startDatabase(group, dataDir) {
  const { launchEmbedded } = await importBuilt('storage/embedded/launch.js')
  const { uri, ended, stop } = await launchEmbedded({ dataDir: join(dataDir, 'database') })
  group.add({ name: 'database', ended, close: stop })
  return uri
}
