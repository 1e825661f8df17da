import mongoose from 'mongoose'
import { createEventLog } from '../../../events/event-log.ts'
import { createLogger } from '../../../kit/log.ts'
import { createSubgraphService } from '../../../kit/subgraph-service.ts'
import { inventorySubgraph } from '../../../subgraphs/inventory/subgraph.ts'
import { callerOf } from '../subgraph-under-test.ts'

// A process of the subgraph with buyers of its own: `buyers.ts <uri> <skuId> <locationId> <name> <count>` prints a line
// of JSON for each answer.
const [uri = '', skuId, locationId, name = '', count = '0'] = process.argv.slice(2)

const query = `mutation ($input: ReserveInventoryInput!, $key: String) {
  reserveInventory(input: $input, idempotencyKey: $key) { reservations { id } userErrors { code } }
}`

const connection = await mongoose.createConnection(uri).asPromise()
const log = createLogger('buyers', 'error')
const now = (): Date => new Date()
const events = createEventLog(connection, { log, now }).forSource('inventory')
const secretFor = (): Buffer => Buffer.alloc(32)
const service = await createSubgraphService(inventorySubgraph, { connection, events, log, now, secretFor })
await Promise.all(
  Array.from({ length: Number(count) }, async (_, buyer) => {
    const key = `${name}-${buyer}`
    const variables = { input: { lines: [{ skuId, locationId, quantity: 1 }] }, key }
    const caller = callerOf('northwind')
    const answer = await service.execute({ query, variables, caller, requestId: key })
    process.stdout.write(`${JSON.stringify({ key, ...answer })}\n`)
  }),
)
process.stdout.write('"done"\n', () => process.exit())
