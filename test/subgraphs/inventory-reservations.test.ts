import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InventoryUnderTest, contoso, northwind, startInventory, warehouse } from './inventory-under-test.ts'
import { callerOf, operator } from './subgraph-under-test.ts'

let inventory: InventoryUnderTest
beforeAll(async () => {
  inventory = await startInventory()
})
afterAll(() => inventory?.stop())

const minuteMs = 60_000

/** A level with so many units, as a line of an order names it. */
async function stocked(units: number) {
  const [level] = await inventory.stock(units)
  if (!level) throw new Error('nothing was stocked')
  return { level, place: { skuId: level.skuId, locationId: level.locationId } }
}

async function held(units: number, quantity: number, ttlMinutes = 60) {
  const { level, place } = await stocked(units)
  const { reservations } = await inventory.reserve(northwind, { lines: [{ ...place, quantity }], ttlMinutes })
  const id = reservations?.[0]?.id
  if (id === undefined) throw new Error('nothing was reserved')
  return { level, place, id }
}

async function commandsToExpire(count: number): Promise<number> {
  await Promise.all(Array.from({ length: count }, () => held(2, 1, 5)))
  inventory.advanceClock(6 * minuteMs)
  return inventory.countDatabaseCalls(() => inventory.runTimers())
}

const refusalOf = async (input: object) => (await inventory.reserve(northwind, input)).userErrors[0]?.code

describe('a reservation', () => {
  it('takes its units from available to reserved, committed and out', async () => {
    const { level, id } = await held(10, 4)
    expect(await inventory.quantitiesOf(level)).toMatchObject({ available: 6, reserved: 4, committed: 0 })
    expect(await inventory.move(northwind, 'commit', { id })).toMatchObject({ reservation: { state: 'COMMITTED' } })
    expect(await inventory.quantitiesOf(level)).toMatchObject({ available: 6, reserved: 0, committed: 4 })
    expect(await inventory.move(operator, 'fulfil', { id })).toMatchObject({ reservation: { state: 'FULFILLED' } })
    expect(await inventory.quantitiesOf(level)).toMatchObject({ available: 6, reserved: 0, committed: 0 })
  })

  it('gives its units back when it is released, held or committed', async () => {
    for (const commit of [false, true]) {
      const { level, id } = await held(10, 4)
      if (commit) await inventory.move(northwind, 'commit', { id })
      expect(await inventory.move(northwind, 'release', { id })).toMatchObject({ reservation: { state: 'RELEASED' } })
      expect(await inventory.quantitiesOf(level)).toMatchObject({ available: 10, reserved: 0, committed: 0 })
    }
  })

  it('refuses other ways, naming its state and the allowed ones', async () => {
    const { id } = await held(10, 4)
    const early = await inventory.move(operator, 'fulfil', { id })
    expect(early.userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
    expect(early.userErrors[0]?.message).toMatch(/is HELD.*COMMITTED, RELEASED, EXPIRED/)
    await inventory.move(northwind, 'release', { id })
    expect((await inventory.move(northwind, 'commit', { id })).userErrors[0]?.message).toMatch(/RELEASED.*final/)
  })

  it('is moved once by many calls at once', async () => {
    const { level, id } = await held(10, 4)
    const answers = await Promise.all(Array.from({ length: 12 }, () => inventory.move(northwind, 'commit', { id })))
    expect(answers.filter(({ userErrors }) => userErrors.length === 0).length).toBe(1)
    expect(await inventory.quantitiesOf(level)).toMatchObject({ available: 6, reserved: 0, committed: 4 })
  })

  it('is refused to whoever saw an older version', async () => {
    const { id } = await held(10, 4)
    await inventory.move(northwind, 'extend', { id, ttlMinutes: 90, expectedVersion: 1 })
    const stale = await inventory.move(northwind, 'commit', { id, expectedVersion: 1 })
    expect(stale.userErrors).toMatchObject([{ code: 'STALE_VERSION', field: ['input', 'expectedVersion'] }])
    expect(await inventory.move(northwind, 'commit', { id, expectedVersion: 2 })).toMatchObject({ userErrors: [] })
  })

  it('is not there for another organization', async () => {
    const { id } = await held(10, 4)
    expect((await inventory.move(contoso, 'release', { id })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    const query = 'query ($id: ID!) { reservation(id: $id) { id } reservations(first: 250) { nodes { id } } }'
    const { data } = await inventory.execute<{ reservation: null; reservations: { nodes: { id: string }[] } }>(
      contoso,
      query,
      { id },
    )
    expect(data.reservation).toBeNull()
    expect(data.reservations.nodes.map((node) => node.id)).not.toContain(id)
  })
})

describe('an order', () => {
  it('holds all of its lines or none, and names every line that is at fault', async () => {
    const [a, b, c] = [await stocked(5), await stocked(5), await stocked(5)]
    const { reservations, userErrors } = await inventory.reserve(northwind, {
      lines: [
        { ...a.place, quantity: 5 },
        { ...b.place, quantity: 6 },
        { ...c.place, quantity: 7 },
      ],
    })
    expect(reservations).toBeNull()
    expect(userErrors).toMatchObject([
      { code: 'INSUFFICIENT_STOCK', field: ['input', 'lines', '1', 'quantity'] },
      { code: 'INSUFFICIENT_STOCK', field: ['input', 'lines', '2', 'quantity'] },
    ])
    expect(await inventory.quantitiesOf(a.level)).toMatchObject({ available: 5, reserved: 0 })
  })

  it('takes no more commands for 200 lines than for 2', async () => {
    const places = await Promise.all(Array.from({ length: 200 }, () => stocked(3)))
    const calls = (count: number) =>
      inventory.countDatabaseCalls(async () => {
        const lines = places.slice(0, count).map(({ place }) => ({ ...place, quantity: 1 }))
        expect((await inventory.reserve(northwind, { lines })).reservations?.length).toBe(count)
      })
    const few = await calls(2)
    expect(await calls(200)).toBe(few)
  })

  it('finds the warehouse with the most where its line names none', async () => {
    const [small, large] = await inventory.stock(4, 9)
    const lines = [{ skuId: small?.skuId, quantity: 6 }]
    const { reservations } = await inventory.reserve(northwind, { lines })
    expect(reservations).toMatchObject([{ location: { id: large?.locationId } }])
    // Six in all are left, but not at one place.
    expect((await inventory.reserve(northwind, { lines })).userErrors).toMatchObject([{ code: 'INSUFFICIENT_STOCK' }])
  })

  it('is refused with a code for each thing that is wrong with it', async () => {
    const { place } = await stocked(5)
    const line = { ...place, quantity: 1 }
    expect(await refusalOf({ lines: [] })).toBe('INVALID_BATCH')
    expect(await refusalOf({ lines: Array.from({ length: 251 }, () => line) })).toBe('INVALID_BATCH')
    expect(await refusalOf({ lines: [{ ...line, quantity: 0 }] })).toBe('INVALID_QUANTITY')
    expect(await refusalOf({ lines: [{ ...line, locationId: warehouse(7) }] })).toBe('LEVEL_NOT_FOUND')
    expect(await refusalOf({ lines: [line], ttlMinutes: 0 })).toBe('INVALID_TIME_TO_LIVE')
    expect(await refusalOf({ lines: [line], ttlMinutes: 31 * 24 * 60 })).toBe('INVALID_TIME_TO_LIVE')
    expect(await refusalOf({ lines: [line], reference: ' ' })).toBe('INVALID_REFERENCE')
    expect(await refusalOf({ lines: [line], dealId: 'deal' })).toBe('NOT_FOUND')
  })

  it('is made in the name of its own organization only, except by the operator', async () => {
    const { place } = await stocked(5)
    const input = { lines: [{ ...place, quantity: 1 }], organizationId: northwind.organizationId }
    const query =
      'mutation ($input: ReserveInventoryInput!) { reserveInventory(input: $input) { userErrors { code } } }'
    const { errors } = await inventory.execute(contoso, query, { input })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    const { reservations } = await inventory.reserve(operator, input)
    expect(await inventory.move(northwind, 'release', { id: reservations?.[0]?.id })).toMatchObject({ userErrors: [] })
  })

  it('has one effect and one answer for a key, however often and at once it comes', async () => {
    const { level, place } = await stocked(50)
    const order = { lines: [{ ...place, quantity: 2 }] }
    const answers = await Promise.all(Array.from({ length: 20 }, () => inventory.reserve(northwind, order, 'one-key')))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(await inventory.quantitiesOf(level)).toMatchObject({ available: 48, reserved: 2 })
  })

  it('remembers a refusal by its key, though there is stock by then', async () => {
    const { place } = await stocked(1)
    const order = { lines: [{ ...place, quantity: 2 }] }
    const first = await inventory.reserve(northwind, order, 'refused-key')
    expect(first.userErrors).toMatchObject([{ code: 'INSUFFICIENT_STOCK' }])
    await inventory.mutation(
      operator,
      'adjustInventory',
      { adjustments: [{ ...place, delta: 5, reason: 'RESTOCK' }] },
      { select: 'levels { id }' },
    )
    expect(await inventory.reserve(northwind, order, 'refused-key')).toEqual(first)
  })
})

describe('1,000 buyers of 100 units', () => {
  it('get exactly 100, each once, and nothing is lost', async () => {
    const { level, place } = await stocked(100)
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        inventory.reserve(callerOf(`buyer-${index % 7}`), { lines: [{ ...place, quantity: 1 }] }),
      ),
    )
    expect(answers.filter(({ reservations }) => reservations !== null).length).toBe(100)
    expect(await inventory.quantitiesOf(level)).toMatchObject({ available: 0, reserved: 100 })
    expect(await inventory.connection.collection('reservations').countDocuments({ levelId: level._id })).toBe(100)
  })
})

describe('a reservation whose time is over', () => {
  it('expires although one beside it cannot, because its level was spoilt', async () => {
    const [spoilt, sound] = [await held(5, 2, 5), await held(5, 2, 6)]
    const levels = inventory.connection.collection<{ _id: string }>('inventory_levels')
    await levels.updateOne({ _id: spoilt.level._id }, { $set: { reserved: 0 } })
    inventory.advanceClock(7 * minuteMs)
    await expect(inventory.runTimers()).rejects.toThrow('1 reservations could not expire')
    expect(await inventory.quantitiesOf(sound.level)).toMatchObject({ available: 5, reserved: 0 })
    await levels.updateOne({ _id: spoilt.level._id }, { $set: { reserved: 2 } })
    await inventory.runTimers()
    inventory.advanceClock(-7 * minuteMs)
    expect(await inventory.quantitiesOf(spoilt.level)).toMatchObject({ available: 5, reserved: 0 })
  })

  it('expires once, though several processes look for it, and gives its units back', async () => {
    const { level, id } = await held(10, 4, 5)
    inventory.advanceClock(6 * minuteMs)
    await Promise.all([inventory.runTimers(), inventory.runTimers(), inventory.runTimers()])
    expect(await inventory.quantitiesOf(level)).toMatchObject({ available: 10, reserved: 0 })
    const ledger = inventory.connection.collection('inventory_adjustments')
    expect(await ledger.countDocuments({ reason: 'RESERVATION_EXPIRED', subject: id })).toBe(1)
    const { data } = await inventory.execute(northwind, 'query ($id: ID!) { reservation(id: $id) { state } }', { id })
    expect(data).toEqual({ reservation: { state: 'EXPIRED' } })
  })

  it('can no longer be committed, even before it is found', async () => {
    const { id } = await held(10, 4, 5)
    inventory.advanceClock(6 * minuteMs)
    expect((await inventory.move(northwind, 'commit', { id })).userErrors).toMatchObject([
      { code: 'RESERVATION_EXPIRED' },
    ])
    const late = await inventory.move(northwind, 'extend', { id, ttlMinutes: 5 })
    expect(late.userErrors).toMatchObject([{ code: 'ILLEGAL_TRANSITION' }])
  })

  it('stays when it was committed or extended in time', async () => {
    const [committed, extended] = [await held(10, 4, 5), await held(10, 4, 5)]
    await inventory.move(northwind, 'commit', { id: committed.id })
    await inventory.move(northwind, 'extend', { id: extended.id, ttlMinutes: 60 })
    inventory.advanceClock(30 * minuteMs)
    await inventory.runTimers()
    expect(await inventory.quantitiesOf(committed.level)).toMatchObject({ committed: 4 })
    expect(await inventory.quantitiesOf(extended.level)).toMatchObject({ reserved: 4 })
  })

  it('is found by index, as is all that an order and its moves read', async () => {
    const scans = await inventory.scansOf(async () => {
      const { id } = await held(10, 4, 5)
      await inventory.move(northwind, 'extend', { id, ttlMinutes: 6 })
      await inventory.move(northwind, 'release', { id })
      await held(10, 4, 5)
      inventory.advanceClock(6 * minuteMs)
      await inventory.runTimers()
    })
    expect(scans).toEqual([])
  })

  it('makes the same number of commands for 80 of them as for 1', async () => {
    const few = await commandsToExpire(1)
    expect(await commandsToExpire(80)).toBe(few)
  })
})

describe('lists of reservations', () => {
  it('are narrowed by state, SKU, deal and reference, and read by index', async () => {
    const { place } = await stocked(10)
    const lines = [{ ...place, quantity: 1 }]
    const dealId = 'deal_0123456789'
    const { reservations } = await inventory.reserve(northwind, { lines, dealId, reference: 'PO-77' })
    const list = async (caller: typeof northwind, args: string) => {
      const query = `{ reservations(first: 5, ${args}) { totalCount nodes { id } } }`
      const { data, errors } = await inventory.execute<{ reservations: { nodes: { id: string }[] } }>(caller, query)
      expect(errors).toBeUndefined()
      return data.reservations.nodes.map(({ id }) => id)
    }
    const filters = [
      'state: HELD',
      `skuId: "${place.skuId}"`,
      `dealId: "${dealId}"`,
      'reference: "PO-77"',
      `organizationId: "${northwind.organizationId}"`,
      `state: HELD, skuId: "${place.skuId}", dealId: "${dealId}", reference: "PO-77"`,
    ]
    const scans = await inventory.scansOf(async () => {
      for (const caller of [northwind, operator]) {
        for (const args of filters) expect(await list(caller, args)).toContain(reservations?.[0]?.id)
      }
      expect(await list(contoso, `organizationId: "${northwind.organizationId}"`)).toEqual([])
    })
    expect(scans).toEqual([])
  })
})
