import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportLine, ImportRefusal, ImportValue } from '../../kit/background.ts'
import { createEventLog } from '../../events/event-log.ts'
import { createLogger } from '../../kit/log.ts'
import { demoLocations } from '../../subgraphs/demo-world/locations.ts'
import { importLevels } from '../../subgraphs/inventory/levels/import-levels.ts'
import { importShipments } from '../../subgraphs/inventory/shipments/import-shipments.ts'
import { type InventoryUnderTest, northwind, startInventory } from './inventory-under-test.ts'
import { operator } from './subgraph-under-test.ts'

let inventory: InventoryUnderTest
let events: ReturnType<typeof createEventLog>
beforeAll(async () => {
  inventory = await startInventory()
  events = createEventLog(inventory.connection, { log, now: () => new Date() })
})
afterAll(async () => {
  await events?.close()
  await inventory?.stop()
})

const log = createLogger('test', 'error')
const dayMs = 24 * 60 * 60 * 1000

async function apply(
  importer: typeof importLevels,
  rows: readonly Readonly<Record<string, ImportValue>>[],
): Promise<readonly ImportRefusal[]> {
  const { connection, models } = inventory
  const context = {
    models,
    connection,
    log,
    now: () => new Date(),
    events: events.forSource('inventory'),
    caller: operator,
  }
  const empty = Object.fromEntries(importer.columns.map(({ name }) => [name, null]))
  const lines = rows.map((row, index): ImportLine => ({ number: index + 1, values: { ...empty, ...row } }))
  return connection.transaction((session) => importer.apply(context, lines, session))
}

describe('imported stock', () => {
  it('is what its lines say, by id or code; lines that cannot be applied are told and leave the rest', async () => {
    const [[a], [b]] = [await inventory.stock(5, 5), await inventory.stock(5)]
    if (!a || !b) throw new Error('nothing was stocked')
    await inventory.reserve(northwind, { lines: [{ skuId: b.skuId, locationId: b.locationId, quantity: 4 }] })
    const [first, , third] = demoLocations
    const refusals = await apply(importLevels, [
      { skuId: a.skuId, location: first?.code ?? '', onHand: 9 },
      { skuCode: 'TEST-1', location: third?.code ?? '', onHand: 7 },
      { skuId: 'sku_none', location: first?.code ?? '', onHand: 1 },
      { skuCode: 'none', location: first?.code ?? '', onHand: 1 },
      { location: first?.code ?? '', onHand: 1 },
      { skuId: a.skuId, location: 'XXX', onHand: 1 },
      { skuId: b.skuId, location: first?.code ?? '', onHand: 3 },
      { skuId: a.skuId, location: first?.code ?? '', onHand: -1 },
    ])
    expect(refusals.map(({ line, column, code }) => [line, column, code])).toEqual([
      [3, 'skuId', 'SKU_NOT_FOUND'],
      [4, 'skuCode', 'SKU_NOT_FOUND'],
      [5, 'skuCode', 'SKU_NOT_FOUND'],
      [6, 'location', 'LOCATION_NOT_FOUND'],
      [7, 'onHand', 'BELOW_COMMITMENTS'],
      [8, 'onHand', 'INVALID_QUANTITY'],
    ])
    expect(await inventory.quantitiesOf(a)).toMatchObject({ available: 9 })
    const levels = await inventory.models.levels.bySkus([a.skuId])
    expect(levels.map(({ available }) => available).toSorted((x, y) => x - y)).toEqual([5, 7, 9])
    expect(await inventory.differences()).toBe(0)
  })

  it('writes nothing where nothing is new, and takes few commands for 1,000 lines', async () => {
    const skus = await Promise.all(Array.from({ length: 100 }, () => inventory.stock(1)))
    const rows = skus.flatMap(([level]) =>
      demoLocations
        .slice(0, 10)
        .map(({ code }, index) => ({ skuId: level?.skuId ?? '', location: code, onHand: index })),
    )
    const calls = (onHand: number) =>
      inventory.countDatabaseCalls(async () => {
        expect(
          await apply(
            importLevels,
            rows.map((row) => ({ ...row, onHand: row.onHand + onHand })),
          ),
        ).toEqual([])
      })
    expect(rows.length).toBe(1_000)
    // Unknown levels are begun first, then all are changed, then confirmed.
    expect(await calls(1)).toBeLessThanOrEqual(10)
    expect(await calls(2)).toBeLessThanOrEqual(10)
    const entries = await inventory.connection.collection('inventory_adjustments').countDocuments()
    expect(await calls(2)).toBeLessThanOrEqual(4)
    expect(await inventory.connection.collection('inventory_adjustments').countDocuments()).toBe(entries)
    expect(await inventory.differences()).toBe(0)
  }, 60_000)
})

describe('imported shipments', () => {
  it('are made of the lines with their reference, replaced when they come again, and final once received', async () => {
    const [[a], [b]] = [await inventory.stock(1), await inventory.stock(1)]
    const location = demoLocations[0]?.code ?? ''
    const shared = { supplier: 'Kestrel', location, expectedAt: new Date(Date.now() + 5 * dayMs) }
    const rows = [
      { ...shared, reference: 'IMP 1', skuId: a?.skuId ?? '', quantity: 10 },
      { ...shared, reference: 'IMP 1', skuId: b?.skuId ?? '', quantity: 20 },
      { ...shared, reference: 'IMP 2', skuId: a?.skuId ?? '', quantity: 30 },
    ] as const
    expect(await apply(importShipments, rows)).toEqual([])
    const read = async () => {
      const query = '{ incomingShipments(search: "imp") { nodes { id reference version lines { quantity } } } }'
      const { data } = await inventory.execute<{
        incomingShipments: { nodes: { id: string; reference: string; version: number; lines: object[] }[] }
      }>(operator, query)
      return data.incomingShipments.nodes.toSorted((x, y) => (x.reference < y.reference ? -1 : 1))
    }
    const made = await read()
    expect(made).toMatchObject([
      { reference: 'IMP 1', version: 1, lines: [{ quantity: 10 }, { quantity: 20 }] },
      { reference: 'IMP 2', version: 1, lines: [{ quantity: 30 }] },
    ])
    expect(await apply(importShipments, rows)).toEqual([])
    expect(await read()).toEqual(made)
    expect(await apply(importShipments, [{ ...rows[0], quantity: 11 }])).toEqual([])
    expect(await read()).toMatchObject([{ version: 2, lines: [{ quantity: 11 }, { quantity: 20 }] }, { version: 1 }])

    const lines = [{ skuId: a?.skuId, available: 30 }]
    await inventory.mutation(operator, 'receiveShipment', { id: made[1]?.id, lines }, { select: 'shipment { id }' })
    const late = await apply(importShipments, [
      { ...rows[2], quantity: 31 },
      { ...rows[0], quantity: 0 },
      { ...rows[0], location: demoLocations[1]?.code ?? '' },
      { ...rows[0], reference: 'IMP 3', expectedAt: new Date(0) },
    ])
    expect(late.map(({ line, column, code }) => [line, column, code])).toEqual([
      [1, 'reference', 'ILLEGAL_TRANSITION'],
      [2, 'quantity', 'INVALID_QUANTITY'],
      [3, 'location', 'OTHER_LOCATION'],
      [4, 'expectedAt', 'INVALID_SHIPMENT'],
    ])
  })
})
