import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHttp1Client } from '../../../gateway/transport/http1/http1-client.ts'
import { subgraphAddress } from '../../../gateway/transport/subgraph-address.ts'

// A process that has made a call and does nothing more: it must end by itself, with the connection still open.
const server = createServer((_request, response) => response.end('answered'))
server.on('connection', (socket) => socket.unref())
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const address = subgraphAddress(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
const client = createHttp1Client({ address, headers: {}, connections: 1, deadlineMs: 600_000 })
const { text } = await client.post({}, '', new AbortController().signal)
server.unref()
const heldBy = process.getActiveResourcesInfo().filter((resource) => /TCP|Timeout/.test(resource))
process.stdout.write(JSON.stringify({ text, heldBy }))
