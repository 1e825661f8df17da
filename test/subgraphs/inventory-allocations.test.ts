import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFreeUnits } from '../../subgraphs/inventory/allocations/free-units.ts'
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

const dayMs = 24 * 60 * 60 * 1000
const inDays = (days: number): string => new Date(Date.now() + days * dayMs).toISOString()

async function stocked(...units: readonly number[]) {
  const levels = await inventory.stock(...units)
  const [level] = levels
  if (!level) throw new Error('nothing was stocked')
  return { levels, level, skuId: level.skuId, place: { skuId: level.skuId, locationId: level.locationId } }
}

async function promised(caller: typeof northwind, skuId: string, args = ''): Promise<number> {
  const query = `query ($skuId: ID!) { availableToPromise(skuId: $skuId ${args}) { quantity } }`
  const { data } = await inventory.execute<{ availableToPromise: { quantity: number } }>(caller, query, { skuId })
  return data.availableToPromise.quantity
}

const codesOf = (answer: { readonly userErrors: readonly { readonly code: string }[] }) =>
  answer.userErrors.map(({ code }) => code)

describe('an allocation', () => {
  it('keeps its units from everybody else, and its organization from more than that', async () => {
    const { place, skuId } = await stocked(10)
    await inventory.allocate({ organizationId: northwind.organizationId, skuId, quantity: 6 })
    const order = (caller: typeof northwind, quantity: number) =>
      inventory.reserve(caller, { lines: [{ ...place, quantity }] })
    expect(codesOf(await order(contoso, 5))).toEqual(['INSUFFICIENT_STOCK'])
    expect(codesOf(await order(contoso, 4))).toEqual([])
    expect(codesOf(await order(northwind, 7))).toEqual(['INSUFFICIENT_STOCK'])
    expect(codesOf(await order(northwind, 5))).toEqual([])
    expect(codesOf(await order(northwind, 1))).toEqual([])
    expect(codesOf(await order(northwind, 1))).toEqual(['INSUFFICIENT_STOCK'])
  })

  it('is the most that its organization can have, though more is there', async () => {
    const { place, skuId } = await stocked(100)
    const made = await inventory.allocate({ organizationId: northwind.organizationId, skuId, quantity: 6 })
    const order = (quantity: number) => inventory.reserve(northwind, { lines: [{ ...place, quantity }] })
    expect(codesOf(await order(7))).toEqual(['ALLOCATION_EXCEEDED'])
    const { reservations } = await order(6)
    expect(reservations).toMatchObject([{ allocation: { id: made.allocation?.id } }])
    expect(codesOf(await order(1))).toEqual(['ALLOCATION_EXCEEDED'])
    // What is given back can be drawn again, what is sold cannot.
    await inventory.move(northwind, 'release', { id: reservations?.[0]?.id })
    const [kept] = (await order(4)).reservations ?? []
    await inventory.move(northwind, 'commit', { id: kept?.id })
    await inventory.move(operator, 'fulfil', { id: kept?.id })
    expect(codesOf(await order(3))).toEqual(['ALLOCATION_EXCEEDED'])
    expect(codesOf(await order(2))).toEqual([])
  })

  it('holds for a warehouse when it names one, and at any when it does not', async () => {
    const { levels, skuId } = await stocked(10, 10)
    await inventory.allocate({ organizationId: northwind.organizationId, skuId, quantity: 8, locationId: warehouse(0) })
    await inventory.allocate({ organizationId: fjordline.organizationId, skuId, quantity: 5 })
    const order = (index: number, quantity: number) =>
      inventory.reserve(contoso, { lines: [{ skuId, locationId: levels[index]?.locationId, quantity }] })
    expect(codesOf(await order(0, 3))).toEqual(['INSUFFICIENT_STOCK'])
    expect(codesOf(await order(1, 8))).toEqual(['INSUFFICIENT_STOCK'])
    // 20 are there, 8 and 5 of them are kept: 7 are left, 2 of them at most at the first warehouse.
    expect(await promised(contoso, skuId)).toBe(7)
    expect(await promised(contoso, skuId, `locationId: "${warehouse(0)}"`)).toBe(2)
    expect(codesOf(await order(0, 2))).toEqual([])
    expect(codesOf(await order(1, 6))).toEqual(['INSUFFICIENT_STOCK'])
    expect(codesOf(await order(1, 5))).toEqual([])
  })

  it('counts from its beginning to its end', async () => {
    const { place, skuId } = await stocked(10)
    await inventory.allocate({
      organizationId: northwind.organizationId,
      skuId,
      quantity: 10,
      validFrom: inDays(2),
      validUntil: inDays(4),
    })
    expect(await promised(contoso, skuId)).toBe(10)
    expect(await promised(contoso, skuId, `at: "${inDays(3)}"`)).toBe(0)
    expect(await promised(contoso, skuId, `at: "${inDays(5)}"`)).toBe(10)
    expect(codesOf(await inventory.reserve(contoso, { lines: [{ ...place, quantity: 10 }] }))).toEqual([])
  })

  it('is one only per organization, SKU, warehouse and time', async () => {
    const { skuId } = await stocked(10)
    const input = { organizationId: northwind.organizationId, skuId, quantity: 1 }
    const made = await Promise.all(Array.from({ length: 6 }, () => inventory.allocate(input)))
    expect(made.filter(({ allocation }) => allocation !== null).length).toBe(1)
    expect(new Set(made.flatMap(codesOf))).toEqual(new Set(['ALLOCATION_OVERLAPS']))
    expect(codesOf(await inventory.allocate({ ...input, locationId: warehouse(0) }))).toEqual([])
  })

  it('can be changed, but not below what is drawn, and frees its rest when it is ended', async () => {
    const { place, skuId } = await stocked(10)
    const made = await inventory.allocate({ organizationId: northwind.organizationId, skuId, quantity: 8 })
    const id = made.allocation?.id
    await inventory.reserve(northwind, { lines: [{ ...place, quantity: 3 }] })
    const change = (input: object) =>
      inventory.mutation<object>(operator, 'changeAllocation', { id, ...input }, { select: 'allocation { id }' })
    expect(codesOf(await change({ quantity: 2 }))).toEqual(['BELOW_DRAWN'])
    expect(codesOf(await change({ expectedVersion: 1, quantity: 5 }))).toEqual(['STALE_VERSION'])
    expect(codesOf(await change({ quantity: 5 }))).toEqual([])
    expect(await promised(contoso, skuId)).toBe(5)
    inventory.advanceClock(1_000)
    expect(codesOf(await change({ validUntil: inDays(0) }))).toEqual([])
    inventory.advanceClock(1_000)
    expect(await promised(contoso, skuId)).toBe(7)
  })

  it('is not shown to other organizations, and only the operator makes one', async () => {
    const { skuId } = await stocked(10)
    const { allocation } = await inventory.allocate({ organizationId: northwind.organizationId, skuId, quantity: 8 })
    const query = `query ($id: ID!, $skuId: ID) {
      channelAllocation(id: $id) { remaining state organization { id } }
      channelAllocations(skuId: $skuId) { nodes { id } }
    }`
    const variables = { id: allocation?.id, skuId }
    let theirs: unknown
    let own: unknown
    const scans = await inventory.scansOf(async () => {
      theirs = (await inventory.execute(contoso, query, variables)).data
      own = (await inventory.execute(northwind, query, variables)).data
      await inventory.execute(operator, query, variables)
    })
    expect(theirs).toEqual({ channelAllocation: null, channelAllocations: { nodes: [] } })
    expect(own).toMatchObject({ channelAllocation: { remaining: 8, state: 'VALID' } })
    expect(scans).toEqual([])
    const { errors } = await inventory.execute(
      northwind,
      'mutation ($input: CreateAllocationInput!) { createAllocation(input: $input) { userErrors { code } } }',
      { input: { organizationId: northwind.organizationId, skuId, quantity: 1, validUntil: inDays(9) } },
    )
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  it('is never exceeded and never sold to others, at whichever warehouses many buy at once', async () => {
    const { levels, skuId } = await stocked(20, 20, 20)
    await inventory.allocate({ organizationId: northwind.organizationId, skuId, quantity: 15 })
    const buy = (caller: typeof northwind, index: number) =>
      inventory.reserve(caller, { lines: [{ skuId, locationId: levels[index % 3]?.locationId, quantity: 1 }] })
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, index) => buy(index % 4 === 0 ? northwind : contoso, index)),
    )
    const got = (of: number) =>
      answers.filter(({ reservations }, index) => reservations !== null && (index % 4 === 0 ? 1 : 0) === of).length
    expect(got(1)).toBeLessThanOrEqual(15)
    expect(got(0)).toBeLessThanOrEqual(45)
    const left = (await Promise.all(levels.map(inventory.quantitiesOf))).reduce((sum, each) => sum + each.available, 0)
    expect(left).toBeGreaterThanOrEqual(15 - got(1))
  })
})

describe('what is free of a SKU', () => {
  it('is what is left at each warehouse, less what is kept at any', () => {
    const units = createFreeUnits(
      'me',
      [
        { locationId: 'a', units: 10 },
        { locationId: 'b', units: 3 },
      ],
      [
        { organizationId: 'you', locationId: 'b', remaining: 5 },
        { organizationId: 'you', locationId: null, remaining: 4 },
        { organizationId: 'me', locationId: 'a', remaining: 2 },
      ],
    )
    expect([units.free('a'), units.free('b'), units.free(null)]).toEqual([6, 0, 6])
    expect([units.cap('a'), units.cap('b'), units.cap(null)]).toEqual([2, undefined, 2])
  })
})
