import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onHandOf, quantityNames } from '../../subgraphs/inventory/levels/quantities.ts'
import {
  type InventoryUnderTest,
  contoso,
  fjordline,
  northwind,
  startInventory,
  warehouse,
} from './inventory-under-test.ts'
import { operator } from './subgraph-under-test.ts'

let inventory: InventoryUnderTest
beforeAll(async () => {
  inventory = await startInventory()
})
afterAll(() => inventory?.stop())

const levelCount = 3
/** Two have an allocation, one has none. */
const buyers = [northwind, fjordline, contoso] as const
const buyer = fc.nat({ max: buyers.length - 1 })
const level = fc.nat({ max: levelCount - 1 })
const units = fc.integer({ min: 1, max: 12 })
const parts = fc.constantFrom('AVAILABLE', 'SAFETY', 'DAMAGED', 'QUALITY_CONTROL')

const command = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('reserve' as const),
      buyer,
      lines: fc.array(fc.record({ level: fc.option(level), quantity: units }), { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      verb: fc.constantFrom('commit', 'release', 'fulfil'),
      which: fc.nat({ max: 20 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('adjust' as const),
      lines: fc.array(
        fc.record({
          level,
          delta: fc.integer({ min: -15, max: 15 }),
          reason: fc.constantFrom('SALE', 'RETURN', 'RESTOCK', 'CORRECTION', 'DAMAGE'),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('count' as const), level, onHand: fc.nat({ max: 60 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('shift' as const), level, from: parts, to: parts, quantity: units }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('transfer' as const), from: level, to: level, quantity: units }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('receive' as const), available: fc.nat({ max: 5 }), damaged: units }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
)
type Command = typeof command extends fc.Arbitrary<infer Each> ? Each : never

/** Commands in rounds; those of one round run at the same time. */
const history = fc.array(fc.array(command, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 7 })

interface World {
  readonly skuId: string
  readonly shipmentId: string | undefined
  readonly reservations: { readonly id: string; readonly buyer: number }[]
}

const levels = { select: 'levels { id }' } as const

async function run(world: World, each: Command): Promise<void> {
  const { skuId } = world
  const place = (index: number) => ({ skuId, locationId: warehouse(index) })
  switch (each.do) {
    case 'reserve': {
      const lines = each.lines.map(({ level: index, quantity }) =>
        index === null ? { skuId, quantity } : { ...place(index), quantity },
      )
      const { reservations } = await inventory.reserve(buyers[each.buyer] ?? contoso, { lines, ttlMinutes: 10 })
      for (const { id } of reservations ?? []) world.reservations.push({ id, buyer: each.buyer })
      return
    }
    case 'move': {
      const reservation = world.reservations[each.which % Math.max(1, world.reservations.length)]
      if (!reservation) return
      const caller = each.verb === 'fulfil' ? operator : (buyers[reservation.buyer] ?? contoso)
      await inventory.move(caller, each.verb, { id: reservation.id })
      return
    }
    case 'adjust': {
      const adjustments = each.lines.map(({ level: index, ...line }) => ({ ...place(index), ...line }))
      await inventory.mutation(operator, 'adjustInventory', { adjustments }, levels)
      return
    }
    case 'count':
      await inventory.mutation(
        operator,
        'setInventory',
        { levels: [{ ...place(each.level), onHand: each.onHand }] },
        levels,
      )
      return
    case 'shift': {
      const { level: index, from, to, quantity } = each
      const movements = [{ ...place(index), from, to, quantity, reason: 'CORRECTION' }]
      await inventory.mutation(operator, 'moveInventory', { movements }, levels)
      return
    }
    case 'transfer': {
      const { from, to, quantity } = each
      const transfers = [{ skuId, fromLocationId: warehouse(from), toLocationId: warehouse(to), quantity }]
      await inventory.mutation(operator, 'transferInventory', { transfers }, levels)
      return
    }
    case 'receive': {
      const lines = [{ skuId, available: each.available, damaged: each.damaged }]
      const input = { id: world.shipmentId, lines }
      await inventory.mutation(operator, 'receiveShipment', input, { select: 'shipment { id }' })
      return
    }
    case 'expire':
      inventory.advanceClock(11 * 60_000)
      await inventory.runTimers()
  }
}

async function begin(): Promise<World> {
  const [first] = await inventory.stock(20, 15, 0)
  const skuId = first?.skuId ?? ''
  await inventory.allocate({ organizationId: northwind.organizationId, skuId, quantity: 12 })
  await inventory.allocate({ organizationId: fjordline.organizationId, skuId, quantity: 6, locationId: warehouse(1) })
  const expectedAt = new Date(Date.now() + 100 * 24 * 60 * 60 * 1000).toISOString()
  const { shipment } = await inventory.mutation<{ shipment: { id: string } | null }>(
    operator,
    'announceShipment',
    { reference: skuId, supplier: 'any', locationId: warehouse(2), expectedAt, lines: [{ skuId, quantity: 30 }] },
    { select: 'shipment { id }' },
  )
  return { skuId, shipmentId: shipment?.id, reservations: [] }
}

async function check({ skuId }: World): Promise<void> {
  const stock = await inventory.models.levels.bySkus([skuId])
  const all = await inventory.connection.collection('reservations').find({ skuId }).toArray()
  for (const each of stock) {
    for (const name of quantityNames) expect(each[name]).toBeGreaterThanOrEqual(0)
    expect(onHandOf(each)).toBe(quantityNames.reduce((sum, name) => sum + each[name], 0))
    // What is held and sold is exactly what the reservations say.
    for (const [state, name] of [
      ['HELD', 'reserved'],
      ['COMMITTED', 'committed'],
    ] as const) {
      const here = all.filter((one) => one['levelId'] === each._id && one['state'] === state)
      expect(each[name]).toBe(here.reduce((sum, one) => sum + Number(one['quantity']), 0))
    }
  }
  const allocations = await inventory.connection.collection('channel_allocations').find({ skuId }).toArray()
  expect(allocations.length).toBe(2)
  for (const allocation of allocations) {
    const drawn = all
      .filter((one) => one['allocationId'] === String(allocation._id))
      .filter((one) => ['HELD', 'COMMITTED', 'FULFILLED'].includes(String(one['state'])))
      .reduce((sum, one) => sum + Number(one['quantity']), 0)
    expect(allocation['drawn']).toBe(drawn)
    expect(drawn).toBeLessThanOrEqual(Number(allocation['quantity']))
  }
}

describe('after any history of commands, some of them at the same time', () => {
  it('nothing is below zero, levels are what reservations and the ledger say, and no cap is exceeded', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (rounds) => {
        const world = await begin()
        for (const round of rounds) {
          await Promise.all(round.map((each) => run(world, each)))
          await check(world)
        }
      }),
      { numRuns: 25 },
    )
    expect(await inventory.differences()).toBe(0)
  }, 120_000)
})
