import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { startServedGraph } from '../../test/gateway/served-graph.ts'
import { catalogSdl, changeOf, createLevelChanges, inventorySdl, skuOf, wholeSdl } from './level-graph.ts'

/** What is measured: this gateway, or graphql-ws as it comes. */
export type MeasuredStreams = 'tributary' | 'graphql-ws'

/** What the process tells of itself when it is asked. */
export interface StreamServerReading {
  readonly cpuUs: number
  readonly rssBytes: number
  readonly heapBytes: number
}

const changes = createLevelChanges()

/** The gateway whole, but for who calls and what stands behind the two subgraphs. */
async function serveGateway(): Promise<string> {
  const inventory = {
    name: 'inventory',
    sdl: inventorySdl,
    resolvers: { Subscription: { levelChanged: { subscribe: () => changes.follow(), resolve: changeOf } } },
  }
  const catalog = {
    name: 'catalog',
    sdl: catalogSdl,
    resolvers: { Sku: { __resolveReference: ({ id }: { id: string }) => skuOf(id) } },
  }
  const endless = { bucketSize: 1e12, restoreRate: 1e12, maxQueryCost: 1e9 }
  const graph = await startServedGraph([inventory, catalog], { http: { maxConnections: 50_000 }, limits: endless })
  return graph.url
}

/** The same fields by graphql-js behind `useServer`, each resolved from memory. */
async function serveStock(): Promise<string> {
  const schema = buildSchema(wholeSdl)
  const field = schema.getSubscriptionType()?.getFields()['levelChanged']
  if (field === undefined) throw new Error('the schema of the bench has no subscription')
  field.subscribe = () => changes.follow()
  field.resolve = changeOf
  const server = createServer()
  useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function read(): StreamServerReading {
  const { user, system } = process.cpuUsage()
  return { cpuUs: user + system, rssBytes: process.memoryUsage.rss(), heapBytes: usedBytes() }
}

/** What lives on the heap and beside it, rubbish left out. */
function usedBytes(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const url = await (process.argv[2] === 'tributary' ? serveGateway() : serveStock())
process.send?.({ url })
process.on('message', (message) => {
  if (message === 'happen') changes.happen()
  else if (message === 'cpu') {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuUs: user + system })
  } else process.send?.(read())
})
process.on('disconnect', () => process.exit())
