import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoLocations } from '../../subgraphs/demo-world/locations.ts'
import { demoSkus } from '../../subgraphs/demo-world/products.ts'
import { demoLevels, seedInventory } from '../../subgraphs/inventory/seed.ts'
import { inventorySubgraph } from '../../subgraphs/inventory/subgraph.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph } from './subgraph-under-test.ts'

const partner = callerOf('northwind')
let inventory: SubgraphUnderTest

beforeAll(async () => {
  inventory = await startSubgraph(inventorySubgraph, seedInventory)
})
afterAll(() => inventory?.stop())

/** Seeded levels that no other test of this file touches. */
const seeded = demoLevels(new Date()).filter(({ available }) => available >= 10)
let used = 0
function freshLevel() {
  const level = seeded[used++]
  if (!level) throw new Error('no seeded level is left')
  return { ...level, place: { skuId: level.skuId, locationId: level.locationId } }
}

interface LevelPage {
  readonly inventoryLevels: {
    readonly totalCount: number
    readonly nodes: readonly { readonly id: string }[]
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string }
  }
}
interface Payload {
  readonly levels: readonly { id: string; available: number; onHand: number; damaged: number; version: number }[] | null
  readonly userErrors: readonly { code: string; field: readonly string[]; message: string }[]
}
const payload = '{ levels { id available onHand damaged version } userErrors { code field message } }'

async function adjust(adjustments: readonly object[], idempotencyKey?: string): Promise<Payload> {
  const { data, errors } = await inventory.execute<{ adjustInventory: Payload }>(
    operator,
    `mutation ($input: AdjustInventoryInput!, $key: String) {
      adjustInventory(input: $input, idempotencyKey: $key) ${payload}
    }`,
    { input: { adjustments }, key: idempotencyKey },
  )
  expect(errors).toBeUndefined()
  return data.adjustInventory
}

async function count(levels: readonly object[], idempotencyKey?: string): Promise<Payload> {
  const { data, errors } = await inventory.execute<{ setInventory: Payload }>(
    operator,
    `mutation ($input: SetInventoryInput!, $key: String) {
      setInventory(input: $input, idempotencyKey: $key) ${payload}
    }`,
    { input: { levels }, key: idempotencyKey },
  )
  expect(errors).toBeUndefined()
  return data.setInventory
}

async function availableOf(id: string): Promise<number> {
  const { data } = await inventory.execute<{ inventoryLevel: { available: number } }>(
    partner,
    'query ($id: ID!) { inventoryLevel(id: $id) { available } }',
    { id },
  )
  return data.inventoryLevel.available
}

describe('reading stock', () => {
  it('answers the stock of SKUs that other subgraphs know, with their warehouses', async () => {
    const [sku] = demoSkus
    const { data } = await inventory.execute<{
      _entities: [{ inventory: { available: number; location: { code: string } }[]; availableToPromise: number }]
    }>(
      partner,
      `query ($sku: [_Any!]!) {
        _entities(representations: $sku) {
          ... on Sku { inventory { available location { code } } availableToPromise }
        }
      }`,
      { sku: [{ __typename: 'Sku', id: sku?.id }] },
    )
    const [{ inventory: levels, availableToPromise }] = data._entities
    expect(levels.length).toBe(demoLevels(new Date()).filter(({ skuId }) => skuId === sku?.id).length)
    expect(availableToPromise).toBe(levels.reduce((sum, { available }) => sum + available, 0))
    expect(demoLocations.map(({ code }) => code)).toEqual(
      expect.arrayContaining(levels.map(({ location }) => location.code)),
    )
  })

  it('pages through all levels of a warehouse, each once', async () => {
    const [location] = demoLocations
    const seen: string[] = []
    let after: string | null = null
    do {
      // Each page begins where the one before ends.
      const page: { data: LevelPage } = await inventory.execute<LevelPage>(
        partner,
        `query ($location: ID, $after: String) {
          inventoryLevels(first: 60, after: $after, locationId: $location) {
            totalCount nodes { id } pageInfo { hasNextPage endCursor }
          }
        }`,
        { location: location?.id, after },
      )
      const { nodes, pageInfo, totalCount } = page.data.inventoryLevels
      seen.push(...nodes.map(({ id }) => id))
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null
      if (!after) expect(seen.length).toBe(totalCount)
    } while (after)
    const expected = demoLevels(new Date()).filter(({ locationId }) => locationId === location?.id)
    expect(new Set(seen)).toEqual(new Set(expected.map(({ _id }) => _id)))
  })

  it('asks the database as often for 100 levels as for 2', async () => {
    const query = `query ($first: Int!) {
      inventoryLevels(first: $first) { nodes { onHand location { code } sku { id availableToPromise } } }
    }`
    const calls = (first: number) => inventory.countDatabaseCalls(() => inventory.execute(partner, query, { first }))
    expect(await calls(2)).toBe(4)
    expect(await calls(100)).toBe(4)
  })

  it('is refused without the scope, and changing it to who may only read', async () => {
    const blind = callerOf('northwind', { scopes: ['catalog:read'] })
    const read = await inventory.execute(blind, '{ locations { totalCount } }')
    expect(read).toMatchObject({ data: { locations: null }, errors: [{ extensions: { code: 'FORBIDDEN' } }] })
    const { place } = freshLevel()
    const reader = callerOf('northwind', { scopes: ['inventory:read'] })
    const write = await inventory.execute(
      reader,
      'mutation ($input: AdjustInventoryInput!) { adjustInventory(input: $input) { userErrors { code } } }',
      { input: { adjustments: [{ ...place, delta: -1, reason: 'SALE' }] } },
    )
    expect(write).toMatchObject({ data: { adjustInventory: null }, errors: [{ extensions: { code: 'FORBIDDEN' } }] })
  })
})

describe('adjustInventory', () => {
  it('applies all lines in order and answers each level once', async () => {
    const [a, b] = [freshLevel(), freshLevel()]
    const { levels, userErrors } = await adjust([
      { ...a.place, delta: -4, reason: 'SALE' },
      { ...b.place, delta: 7, reason: 'RESTOCK' },
      { ...a.place, delta: -2, reason: 'DAMAGE' },
    ])
    expect(userErrors).toEqual([])
    expect(levels).toMatchObject([
      { id: a._id, available: a.available - 6, damaged: a.damaged + 2, version: 3 },
      { id: b._id, available: b.available + 7, version: 2 },
    ])
  })

  it('applies nothing when one line takes too much, and names every line that does', async () => {
    const [a, b, c] = [freshLevel(), freshLevel(), freshLevel()]
    const { levels, userErrors } = await adjust([
      { ...a.place, delta: -1, reason: 'SALE' },
      { ...b.place, delta: -b.available - 1, reason: 'SALE' },
      { ...c.place, delta: -c.available - 1, reason: 'DAMAGE' },
    ])
    expect(levels).toBeNull()
    expect(userErrors).toMatchObject([
      { code: 'INSUFFICIENT_STOCK', field: ['input', 'adjustments', '1', 'delta'] },
      { code: 'INSUFFICIENT_STOCK', field: ['input', 'adjustments', '2', 'delta'] },
    ])
    expect(await availableOf(a._id)).toBe(a.available)
  })

  it('refuses unknown levels, empty batches and batches of more than 250 lines', async () => {
    const { place } = freshLevel()
    const line = { ...place, delta: 1, reason: 'RESTOCK' }
    expect(await adjust([{ ...line, skuId: 'sku_none' }])).toMatchObject({ userErrors: [{ code: 'LEVEL_NOT_FOUND' }] })
    expect(await adjust([])).toMatchObject({ userErrors: [{ code: 'INVALID_BATCH' }] })
    const long = await adjust(Array.from({ length: 251 }, () => line))
    expect(long).toMatchObject({ userErrors: [{ code: 'INVALID_BATCH' }] })
  })

  it('gives the same answer and has one effect for the same key, and refuses the key for another input', async () => {
    const { _id, place, available } = freshLevel()
    const sale = [{ ...place, delta: -3, reason: 'SALE' }]
    const answers = await Promise.all(Array.from({ length: 5 }, () => adjust(sale, 'same-key')))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(await availableOf(_id)).toBe(available - 3)
    const other = await inventory.execute(
      operator,
      'mutation ($input: AdjustInventoryInput!) { adjustInventory(input: $input, idempotencyKey: "same-key") { userErrors { code } } }',
      { input: { adjustments: [{ ...place, delta: -4, reason: 'SALE' }] } },
    )
    expect(other.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'idempotencyKey' } }])
  })

  it('sells the last units once each, however many buyers come at once', async () => {
    const { _id, place, available } = freshLevel()
    const spare = 12
    const buyers = Array.from({ length: available + spare }, () => adjust([{ ...place, delta: -1, reason: 'SALE' }]))
    const answers = await Promise.all(buyers)
    const refused = answers.filter(({ userErrors }) => userErrors.length > 0)
    expect(refused.length).toBe(spare)
    for (const { userErrors } of refused) expect(userErrors).toMatchObject([{ code: 'INSUFFICIENT_STOCK' }])
    expect(await availableOf(_id)).toBe(0)
  })
})

describe('setInventory', () => {
  it('makes on hand what was counted and leaves no trace where nothing changes', async () => {
    const [a, b] = [freshLevel(), freshLevel()]
    const heldByA = a.committed + a.reserved + a.safety + a.damaged + a.qualityControl
    const heldByB = b.committed + b.reserved + b.safety + b.damaged + b.qualityControl
    const { levels } = await count([
      { ...a.place, onHand: heldByA + 5 },
      { ...b.place, onHand: heldByB + b.available },
    ])
    expect(levels).toMatchObject([
      { id: a._id, available: 5, onHand: heldByA + 5, version: 2 },
      { id: b._id, available: b.available, version: 1 },
    ])
    const ledger = inventory.connection.collection('inventory_adjustments')
    expect(await ledger.countDocuments({ levelId: a._id })).toBe(2)
    expect(await ledger.countDocuments({ levelId: b._id })).toBe(1)
  })

  it('accepts a count that confirms every level', async () => {
    const { place, available, ...level } = freshLevel()
    const onHand = available + level.committed + level.reserved + level.safety + level.damaged + level.qualityControl
    const confirmed = await count([{ ...place, onHand }])
    expect(confirmed).toMatchObject({ levels: [{ id: level._id, onHand, version: 1 }], userErrors: [] })
  })

  it('refuses a level that has changed since it was read', async () => {
    const { place, available } = freshLevel()
    await adjust([{ ...place, delta: -1, reason: 'SALE' }])
    const stale = await count([{ ...place, onHand: available, expectedVersion: 1 }])
    expect(stale).toMatchObject({
      levels: null,
      userErrors: [{ code: 'STALE_VERSION', field: ['input', 'levels', '0', 'expectedVersion'] }],
    })
    const current = await count([{ ...place, onHand: 5_000, expectedVersion: 2 }])
    expect(current).toMatchObject({ levels: [{ onHand: 5_000, version: 3 }], userErrors: [] })
  })

  it('lets one of several writers of the same version win', async () => {
    const { place } = freshLevel()
    const writers = Array.from({ length: 8 }, (_, index) =>
      count([{ ...place, onHand: 2_000 + index, expectedVersion: 1 }]),
    )
    const answers = await Promise.all(writers)
    expect(answers.filter(({ levels }) => levels !== null).length).toBe(1)
  })

  it('refuses a count below what is held for customers, and the same level twice', async () => {
    const held = seeded.find(({ committed }) => committed > 1)
    const place = { skuId: held?.skuId, locationId: held?.locationId }
    expect(await count([{ ...place, onHand: 0 }])).toMatchObject({ userErrors: [{ code: 'BELOW_COMMITMENTS' }] })
    const twice = [
      { ...place, onHand: 5_000 },
      { ...place, onHand: 5_001 },
    ]
    expect(await count(twice)).toMatchObject({ userErrors: [{ code: 'INVALID_BATCH' }] })
  })

  it('begins a level where a known SKU is new, but for no unknown SKU or warehouse', async () => {
    const [, sku] = demoSkus
    const stocked = new Set(seededPlaces(sku?.id))
    const location = demoLocations.find(({ id }) => !stocked.has(id))
    const place = { skuId: sku?.id, locationId: location?.id }
    expect(await adjust([{ ...place, delta: 1, reason: 'RESTOCK' }])).toMatchObject({
      userErrors: [{ code: 'LEVEL_NOT_FOUND' }],
    })
    // All at once, so that all but one find the level that they meant to begin.
    const answers = await Promise.all([9, 9, 9, 9].map((onHand) => count([{ ...place, onHand }])))
    for (const answer of answers) expect(answer).toMatchObject({ levels: [{ onHand: 9, available: 9, version: 1 }] })
    expect(
      await count([
        { ...place, skuId: 'sku_none', onHand: 1 },
        { ...place, locationId: 'loc_none', onHand: 1 },
      ]),
    ).toMatchObject({ userErrors: [{ code: 'SKU_NOT_FOUND' }, { code: 'LOCATION_NOT_FOUND' }] })
  })
})

function seededPlaces(skuId: string | undefined): string[] {
  return demoLevels(new Date()).flatMap((level) => (level.skuId === skuId ? [level.locationId] : []))
}
