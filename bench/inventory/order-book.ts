import mongoose from 'mongoose'
import { join } from 'node:path'
import { createEventLog, prepareEventLog } from '../../events/event-log.ts'
import { createCaller } from '../../kit/caller.ts'
import { seededId } from '../../kit/ids.ts'
import { createLogger } from '../../kit/log.ts'
import { createSubgraphService } from '../../kit/subgraph-service.ts'
import { launchEmbedded } from '../../storage/embedded/launch.ts'
import { mutate, prepareMutations } from '../../storage/mutate.ts'
import { levelId } from '../../subgraphs/inventory/levels/level-model.ts'
import { emptyQuantities, maxQuantity } from '../../subgraphs/inventory/levels/quantities.ts'
import { createInventoryModels } from '../../subgraphs/inventory/models.ts'
import { reserveOrders } from '../../subgraphs/inventory/reservations/reserve-orders.ts'
import { openLevels } from '../../subgraphs/inventory/seed.ts'
import { inventorySubgraph } from '../../subgraphs/inventory/subgraph.ts'
import { cpuMsOfTree } from '../measure/processes.ts'
import { temporaryFolder } from '../measure/temporary-folder.ts'

/** How an order is reserved: as the API does it, or in a transaction of its own, as it would without groups. */
export const ways = ['in groups', 'each alone'] as const
export type Way = (typeof ways)[number]

/** The inventory subgraph with plenty of everything, in this process, on an embedded database in another. */
export interface OrderBook extends AsyncDisposable {
  /** Reserves one unit of a SKU, and throws when that is refused. */
  readonly order: (way: Way, sku: number) => Promise<void>
  /** CPU time so far of this process, which is client and subgraph, and of the database. */
  readonly cpu: () => { readonly subgraphMs: number; readonly databaseMs: number }
}

const caller = createCaller({
  appId: seededId('App', 'bench'),
  appName: 'bench',
  organizationId: seededId('Organization', 'bench'),
  environment: 'sandbox',
  planId: 'plan_bench',
  scopes: ['inventory:read', 'inventory:reserve'],
  operator: false,
  credentialId: 'cred_bench',
})

const query = `mutation ($input: ReserveInventoryInput!, $key: String) {
  reserveInventory(input: $input, idempotencyKey: $key) { reservations { id } userErrors { code } }
}`

const skuOf = (sku: number): string => seededId('Sku', `bench-${sku}`)
const locationId = seededId('Location', 'bench')
const now = (): Date => new Date()

/** Opens a database of its own with that many SKUs at one warehouse. */
export async function openOrderBook(skus: number): Promise<OrderBook> {
  const folder = await temporaryFolder()
  const server = await launchEmbedded({ dataDir: join(folder.path, 'database') })
  const connection = await mongoose.createConnection(server.uri).asPromise()
  const log = createLogger('bench', 'error')
  await prepareEventLog(connection)
  await prepareMutations(connection)
  const eventLog = createEventLog(connection, { log, now })
  const events = eventLog.forSource('inventory')
  const service = await createSubgraphService(inventorySubgraph, {
    connection,
    events,
    log,
    now,
    secretFor: () => Buffer.alloc(32),
  })
  const models = createInventoryModels({ connection, now })
  await fill(models, skus)

  let orders = 0
  const inGroups = async (skuId: string): Promise<void> => {
    const input = { lines: [{ skuId, locationId, quantity: 1 }] }
    const variables = { input, key: `order-${orders++}` }
    const { data, errors } = await service.execute({ query, variables, caller, requestId: 'bench' })
    const answer = data?.['reserveInventory'] as { readonly reservations: readonly object[] | null } | undefined
    if (answer?.reservations?.length !== 1) throw new Error(`an order was refused: ${JSON.stringify([data, errors])}`)
  }
  const alone = async (skuId: string): Promise<void> => {
    const context = { connection, caller, now, models, events }
    const call = { name: 'reserveInventory', input: skuId, idempotencyKey: `order-${orders++}` }
    const expiresAt = new Date(Date.now() + 3_600_000)
    const lines = [{ skuId, locationId, quantity: 1 }]
    const order = {
      organizationId: caller.organizationId,
      actor: caller,
      lines,
      dealId: null,
      reference: null,
      expiresAt,
    }
    await mutate(context, { ...call, contended: [levelId(skuId, locationId)] }, async (session) => {
      const [held] = await reserveOrders(context, [order], session)
      if (!held || !('id' in held)) throw new Error(`an order was refused: ${JSON.stringify(held)}`)
      return held.id
    })
  }
  return {
    order: (way, sku) => (way === 'in groups' ? inGroups : alone)(skuOf(sku)),
    cpu() {
      const { user, system } = process.cpuUsage()
      return { subgraphMs: (user + system) / 1_000, databaseMs: cpuMsOfTree(server.pid) }
    },
    async [Symbol.asyncDispose]() {
      await eventLog.close()
      await connection.close()
      await server.stop()
      await folder[Symbol.asyncDispose]()
    },
  }
}

async function fill(models: ReturnType<typeof createInventoryModels>, skus: number): Promise<void> {
  const at = new Date()
  const numbers = Array.from({ length: skus }, (_, sku) => sku)
  await models.skus.insert(
    numbers.map((sku) => ({
      _id: skuOf(sku),
      code: `BENCH-${sku}`,
      productId: 'prod_bench',
      family: 'bench',
      status: 'ACTIVE',
      allocatedUntil: null,
      version: 0,
    })),
  )
  await openLevels(
    models,
    numbers.map((sku) => ({
      ...emptyQuantities,
      _id: levelId(skuOf(sku), locationId),
      skuId: skuOf(sku),
      locationId,
      available: maxQuantity,
      version: 1,
      updatedAt: at,
    })),
  )
}
