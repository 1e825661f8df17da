import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GraphAnswer } from '../../gateway/pipeline/graph-answer.ts'
import { createPersistedDocuments, createSentDocuments } from '../../gateway/operation/persisted-documents.ts'
import { choosePlanner } from '../../gateway/plan/choose-planner.ts'
import { createCallerSchemas } from '../../gateway/policy/caller-schema.ts'
import { type HttpSettings, serveGraph } from '../../gateway/serve-graph.ts'
import { createMetrics } from '../../gateway/telemetry/metrics.ts'
import { createLogger } from '../../kit/log.ts'
import { composeSupergraph } from '../../subgraphs/compose.ts'
import { benchIdentity } from './bench-identity.ts'

/** What may be measured: a front, or Node's HTTP server with nothing behind it. */
export type Measured = HttpSettings['front'] | 'node'

const log = createLogger('bench', 'silent')
const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@shareable"])
  type Query { topProducts: [Product!]! } type Product { name: String! }`

/** An answer of so many bytes, about, of which nothing is made anew per request. */
function answerOf(bytes: number): GraphAnswer {
  const products = Array.from({ length: Math.max(1, Math.round(bytes / 30)) }, (_, index) => ({
    name: `Table ${index}`,
  }))
  return new GraphAnswer({ dataText: JSON.stringify({ topProducts: products }) })
}

/** Serves one front before a pipeline that has its answer ready, in a process of its own. */
async function serve(measured: Measured, bytes: number): Promise<string> {
  const answer = answerOf(bytes)
  if (measured === 'node') {
    const server: Server = createServer((request, response) => {
      request.on('data', () => undefined)
      request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(answer.body))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const { supergraphSdl } = composeSupergraph([{ name: 'products', url: 'http://products.test', sdl }])
  const { url } = await serveGraph({
    supergraphSdl,
    planners: choosePlanner('auto', log),
    metrics: { ...createMetrics(), token: null },
    pipeline: {
      execute: () => Promise.resolve(answer),
      executeInParts: () => Promise.resolve(answer),
      subscribe: () => Promise.resolve(answer),
      adopt: () => undefined,
      carryOver: () => Promise.resolve(),
      openStreams: () => 0,
      closeStreams: () => Promise.resolve(),
    },
    callerSchema: createCallerSchemas(),
    directory: {
      identify: () => Promise.resolve(benchIdentity),
      recognise: () => Promise.resolve({ identity: benchIdentity, subjects: [], endsAt: null }),
      verify: () => Promise.resolve(),
    },
    watch: { watch: () => Promise.reject(new Error('no streams here')), close: () => Promise.resolve() },
    clientOf: () => 'bench',
    documents: { admit: () => Promise.resolve(), accept: () => undefined },
    persisted: createPersistedDocuments({ sent: createSentDocuments(), trusted: () => Promise.resolve(null) }),
    auth: null,
    subgraphNames: ['products'],
    isReady: () => true,
    portal: { demo: null, samples: [], version: 'bench' },
    http: { front: measured, compression: true, origins: [], maxConnections: 10_000 },
    port: 0,
    host: '127.0.0.1',
    log,
  })
  return url
}

const [measured, bytes] = process.argv.slice(2)
process.send?.({ url: await serve(measured as Measured, Number(bytes)) })
process.on('message', () => process.send?.({ cpu: process.cpuUsage(), rssMb: process.memoryUsage.rss() / 2 ** 20 }))
process.on('disconnect', () => process.exit())
