import { serveSubgraph } from '../../kit/subgraph-server.ts'
import { createMiniService } from './mini-graph.ts'
import { log, signatureKey, stock } from './transported-subgraphs.ts'

// The second subgraph of tests as a process of its own, to be killed: tells its URL and serves until it dies.
const service = await createMiniService(stock)
const now = (): Date => new Date()
const server = await serveSubgraph({ service, signatureKey, port: 0, host: '127.0.0.1', log, now })
process.stdout.write(`${server.url}\n`)
