import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InventoryUnderTest, northwind, startInventory, warehouse } from './inventory-under-test.ts'
import { operator } from './subgraph-under-test.ts'

let inventory: InventoryUnderTest
beforeAll(async () => {
  inventory = await startInventory()
})
afterAll(() => inventory?.stop())

async function stocked(...units: readonly number[]) {
  const levels = await inventory.stock(...units)
  const [level] = levels
  if (!level) throw new Error('nothing was stocked')
  return { levels, level, place: { skuId: level.skuId, locationId: level.locationId } }
}

const change = (name: string, input: object, select = 'levels { id version }') =>
  inventory.mutation<{ readonly levels: readonly { id: string; version: number }[] | null }>(operator, name, input, {
    select,
  })
const codesOf = (answer: { readonly userErrors: readonly { readonly code: string }[] }) =>
  answer.userErrors.map(({ code }) => code)

const refusalsOf = async (...movements: readonly object[]) => codesOf(await change('moveInventory', { movements }))

describe('moveInventory', () => {
  it('moves units between the parts of a level, and out of it when they are written off', async () => {
    const { level, place } = await stocked(10)
    const move = { ...place, quantity: 4 }
    const answer = await change('moveInventory', {
      movements: [
        { ...move, from: 'AVAILABLE', to: 'QUALITY_CONTROL', reason: 'CORRECTION' },
        { ...move, from: 'QUALITY_CONTROL', to: 'DAMAGED', quantity: 3, reason: 'INSPECTION_FAILED' },
        { ...move, from: 'DAMAGED', quantity: 2, reason: 'WRITE_OFF', reference: 'scrap 7' },
        { ...move, from: 'AVAILABLE', to: 'SAFETY', quantity: 1, reason: 'SAFETY_STOCK' },
      ],
    })
    expect(answer).toMatchObject({ levels: [{ id: level._id, version: 5 }], userErrors: [] })
    expect(await inventory.quantitiesOf(level)).toEqual({
      available: 5,
      committed: 0,
      reserved: 0,
      safety: 1,
      damaged: 1,
      qualityControl: 1,
    })
  })

  it('moves nothing when one line asks for what is not there or makes no sense', async () => {
    const { level, place } = await stocked(10)
    const move = { ...place, quantity: 4, from: 'AVAILABLE', to: 'SAFETY', reason: 'SAFETY_STOCK' }
    expect(await refusalsOf(move, { ...move, from: 'DAMAGED', to: 'AVAILABLE', reason: 'REPAIR' })).toEqual([
      'INSUFFICIENT_STOCK',
    ])
    expect(await refusalsOf(move, { ...move, to: 'AVAILABLE' })).toEqual(['INVALID_MOVEMENT'])
    expect(await refusalsOf({ ...move, to: null })).toEqual(['INVALID_MOVEMENT'])
    expect(await refusalsOf({ ...move, reason: 'WRITE_OFF' })).toEqual(['INVALID_MOVEMENT'])
    expect(await refusalsOf({ ...move, quantity: -1 })).toEqual(['INVALID_QUANTITY'])
    expect(await inventory.quantitiesOf(level)).toMatchObject({ available: 10, safety: 0 })
  })
})

describe('transferInventory', () => {
  it('takes units from one warehouse to another, or does not', async () => {
    const { levels, place } = await stocked(10, 1)
    const transfer = { skuId: place.skuId, fromLocationId: warehouse(0), toLocationId: warehouse(1), quantity: 6 }
    expect(codesOf(await change('transferInventory', { transfers: [transfer] }))).toEqual([])
    expect(codesOf(await change('transferInventory', { transfers: [transfer] }))).toEqual(['INSUFFICIENT_STOCK'])
    const stock = await Promise.all(levels.map(inventory.quantitiesOf))
    expect(stock.map(({ available }) => available)).toEqual([4, 7])
  })
})

describe('batches', () => {
  it('of 250 lines make as many commands as those of 2', async () => {
    const places = await Promise.all(Array.from({ length: 250 }, async () => (await stocked(5)).place))
    const calls = (count: number) =>
      inventory.countDatabaseCalls(async () => {
        const adjustments = places.slice(0, count).map((place) => ({ ...place, delta: -1, reason: 'SALE' }))
        expect(codesOf(await change('adjustInventory', { adjustments }, 'levels { id }'))).toEqual([])
        const levels = places.slice(0, count).map((place) => ({ ...place, onHand: count }))
        expect(codesOf(await change('setInventory', { levels }, 'levels { id }'))).toEqual([])
      })
    expect(await calls(250)).toBe(await calls(2))
  })
})

describe('the ledger of a level', () => {
  it('lists what was done to it, the latest first, page by page, by primary key alone', async () => {
    const { level, place } = await stocked(10)
    for (const delta of [-1, -2, 3]) {
      await change('adjustInventory', {
        adjustments: [{ ...place, delta, reason: 'CORRECTION', reference: `count ${delta}` }],
      })
    }
    const { reservations } = await inventory.reserve(northwind, { lines: [{ ...place, quantity: 4 }] })
    const query = `query ($id: ID!, $after: String) { inventoryLevel(id: $id) { adjustments(first: 3, after: $after) {
      totalCount
      nodes { reason levelVersion subject reference changes { available reserved } organization { id } }
      pageInfo { hasNextPage endCursor }
    } } }`
    interface Page {
      readonly inventoryLevel: {
        readonly adjustments: {
          readonly totalCount: number
          readonly nodes: readonly { readonly reason: string }[]
          readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string }
        }
      }
    }
    const read = async (after?: string) =>
      (await inventory.execute<Page>(operator, query, { id: level._id, after })).data.inventoryLevel.adjustments
    const first = await read()
    expect(first.totalCount).toBe(5)
    expect(first.nodes).toMatchObject([
      {
        reason: 'RESERVATION_HELD',
        levelVersion: 5,
        subject: reservations?.[0]?.id,
        changes: { available: -4, reserved: 4 },
        organization: { id: northwind.organizationId },
      },
      { reason: 'CORRECTION', reference: 'count 3', changes: { available: 3 } },
      { reason: 'CORRECTION', reference: 'count -2', changes: { available: -2 } },
    ])
    const second = await read(first.pageInfo.endCursor)
    expect(second.nodes.map(({ reason }) => reason)).toEqual(['CORRECTION', 'OPENING'])
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false])
    expect(await inventory.scansOf(() => read())).toEqual([])
  })

  it('is read for 40 levels with one command, and by the operator only', async () => {
    await Promise.all(Array.from({ length: 40 }, () => stocked(1)))
    const query = '{ inventoryLevels(first: 40) { nodes { adjustments(first: 2) { nodes { reason } } } } }'
    expect(await inventory.countDatabaseCalls(() => inventory.execute(operator, query))).toBe(2)
    const { errors } = await inventory.execute(northwind, query)
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  })
})

describe('verifyInventory', () => {
  it('finds a level that is not what its ledger says, and rebuildInventoryLevel puts it right', async () => {
    const { level, place } = await stocked(10)
    await inventory.reserve(northwind, { lines: [{ ...place, quantity: 4 }] })
    expect(await inventory.differences()).toBe(0)
    const levels = inventory.connection.collection<{ _id: string }>('inventory_levels')
    await levels.updateOne({ _id: level._id }, { $inc: { available: 2 } })
    expect(await inventory.differences()).toBe(1)
    const { data } = await inventory.execute(
      operator,
      '{ verifyInventory(first: 250) { differences { level { id available } ledger { available reserved } } } }',
    )
    expect(data).toMatchObject({
      verifyInventory: {
        differences: [{ level: { id: level._id, available: 8 }, ledger: { available: 6, reserved: 4 } }],
      },
    })
    const rebuilt = await change('rebuildInventoryLevel', { id: level._id }, 'level { available reserved version }')
    expect(rebuilt).toMatchObject({ level: { available: 6, reserved: 4, version: 2 }, userErrors: [] })
    expect(await inventory.differences()).toBe(0)
  })

  it('finds missing entries, and refuses to rebuild from none', async () => {
    const { level } = await stocked(10)
    const ledger = inventory.connection.collection('inventory_adjustments')
    const kept = await ledger.find({ levelId: level._id }).toArray()
    await ledger.deleteMany({ levelId: level._id })
    expect(await inventory.differences()).toBe(1)
    expect(codesOf(await change('rebuildInventoryLevel', { id: level._id }, 'level { id }'))).toEqual([
      'LEDGER_INCOMPLETE',
    ])
    await ledger.insertMany(kept)
    expect(await inventory.differences()).toBe(0)
  })

  it('goes through a level with more entries than a step may read', async () => {
    const { level, place } = await stocked(10)
    const entries = 10_500
    const ledger = inventory.models.ledger
    const entry = {
      levelId: level._id,
      ...place,
      reason: 'CORRECTION',
      subject: null,
      reference: null,
      appId: 'app',
      organizationId: 'org',
      occurredAt: new Date(),
    } as const
    await ledger.append(
      Array.from({ length: entries }, (_, index) => ({ ...entry, changes: { available: 1 }, levelVersion: index + 2 })),
    )
    const levels = inventory.connection.collection<{ _id: string }>('inventory_levels')
    await levels.updateOne({ _id: level._id }, { $set: { available: 10 + entries, version: entries + 1 } })
    const scans = await inventory.scansOf(async () => expect(await inventory.differences()).toBe(0))
    expect(scans).toEqual([])
    await levels.updateOne({ _id: level._id }, { $inc: { damaged: 1 } })
    expect(await inventory.differences()).toBe(1)
    await levels.updateOne({ _id: level._id }, { $inc: { damaged: -1 } })
  })

  it('is for the operator only', async () => {
    const { errors } = await inventory.execute(northwind, '{ verifyInventory(first: 1) { checkedLevels } }')
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('a warehouse', () => {
  it('is opened, renamed, and closed once nothing is there', async () => {
    const input = { code: 'OSL1', name: 'Oslo Alnabru', country: 'NO', city: 'Oslo', timeZone: 'Europe/Oslo' }
    const open = (fields: object = {}) =>
      inventory.mutation<{ location: { id: string; version: number } | null }>(
        operator,
        'createLocation',
        { ...input, ...fields },
        { select: 'location { id version }' },
      )
    const { location } = await open()
    const id = location?.id
    expect(codesOf(await open())).toEqual(['DUPLICATE_CODE'])
    expect(codesOf(await open({ code: 'osl', country: 'Norway', timeZone: '+01:00', city: ' ' }))).toEqual(
      Array.from({ length: 4 }, () => 'INVALID_LOCATION'),
    )
    const { place } = await stocked(1)
    await change('setInventory', { levels: [{ ...place, locationId: id, onHand: 3 }] })
    const alter = async (fields: object) =>
      codesOf(await change('changeLocation', { id, ...fields }, 'location { id name status }'))
    expect(await alter({ status: 'CLOSED' })).toEqual(['LOCATION_NOT_EMPTY'])
    await change('setInventory', { levels: [{ ...place, locationId: id, onHand: 0 }] })
    expect(await alter({ status: 'CLOSED', name: 'Oslo', expectedVersion: 1 })).toEqual([])
    expect(await alter({ name: 'Oslo', expectedVersion: 1 })).toEqual(['STALE_VERSION'])
    const other = (await stocked(1)).place
    expect(
      codesOf(await change('setInventory', { levels: [{ skuId: other.skuId, locationId: id, onHand: 3 }] })),
    ).toEqual(['LOCATION_CLOSED'])
    const list = '{ locations(country: "NO", status: CLOSED) { nodes { id name status } } }'
    const scans = await inventory.scansOf(async () => {
      const { data } = await inventory.execute(northwind, list)
      expect(data).toEqual({ locations: { nodes: [{ id, name: 'Oslo', status: 'CLOSED' }] } })
    })
    expect(scans).toEqual([])
  })

  it('takes nothing in once it is closed, on levels that it has had too, and cannot be closed while goods are expected', async () => {
    const input = { name: 'Bergen DC', country: 'NO', city: 'Bergen', timeZone: 'Europe/Oslo', code: 'BGO' }
    const { location } = await inventory.mutation<{ location: { id: string } }>(operator, 'createLocation', input, {
      select: 'location { id }',
    })
    const { place } = await stocked(5)
    const here = { skuId: place.skuId, locationId: location.id }
    await change('setInventory', { levels: [{ ...here, onHand: 0 }] })
    const close = async (status = 'CLOSED') =>
      codesOf(await change('changeLocation', { id: location.id, status }, 'location { id }'))
    const { shipment } = await inventory.mutation<{ shipment: { id: string } }>(
      operator,
      'announceShipment',
      {
        reference: 'BGO-1',
        supplier: 'Maker',
        locationId: location.id,
        expectedAt: new Date(Date.now() + 86_400_000).toISOString(),
        lines: [{ skuId: place.skuId, quantity: 4 }],
      },
      { select: 'shipment { id }' },
    )
    expect(await close()).toEqual(['SHIPMENTS_EXPECTED'])
    await change('cancelShipment', { id: shipment.id }, 'shipment { id }')
    expect(await close()).toEqual([])
    const bring = [
      ['setInventory', { levels: [{ ...here, onHand: 3 }] }],
      ['adjustInventory', { adjustments: [{ ...here, delta: 3, reason: 'RESTOCK' }] }],
      [
        'transferInventory',
        {
          transfers: [{ skuId: place.skuId, fromLocationId: place.locationId, toLocationId: location.id, quantity: 3 }],
        },
      ],
    ] as const
    for (const [name, lines] of bring) expect(codesOf(await change(name, lines)), name).toEqual(['LOCATION_CLOSED'])
    expect(await close('OPEN')).toEqual([])
    for (const [name, lines] of bring) expect(codesOf(await change(name, lines)), name).toEqual([])
    expect(await close()).toEqual(['LOCATION_NOT_EMPTY'])
  })

  it('closes or takes goods in, never both, when both come at once', async () => {
    const input = { country: 'NO', city: 'Moss', timeZone: 'Europe/Oslo' }
    const rounds = Array.from({ length: 10 }, async (_, n) => {
      const { location } = await inventory.mutation<{ location: { id: string } }>(
        operator,
        'createLocation',
        { ...input, code: `MOS${n}`, name: `Moss ${n}` },
        { select: 'location { id }' },
      )
      const { place } = await stocked(1)
      const here = { skuId: place.skuId, locationId: location.id }
      await change('setInventory', { levels: [{ ...here, onHand: 0 }] })
      const [closed, brought] = await Promise.all([
        change('changeLocation', { id: location.id, status: 'CLOSED' }, 'location { id }'),
        change('adjustInventory', { adjustments: [{ ...here, delta: 3, reason: 'RESTOCK' }] }),
      ])
      expect([...codesOf(closed), ...codesOf(brought)]).toHaveLength(1)
    })
    await Promise.all(rounds)
  })
})
