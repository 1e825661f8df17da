import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoProducts } from '../../subgraphs/demo-world/products.ts'
import { seedInventory, demoLevels } from '../../subgraphs/inventory/seed.ts'
import { inventorySubgraph } from '../../subgraphs/inventory/subgraph.ts'
import { type SubgraphUnderTest, callerOf, operator, startSubgraph, streamOf, take } from './subgraph-under-test.ts'

const partner = callerOf('northwind')
const [first, ...others] = demoLevels(new Date()).filter(({ available }) => available > 20)
const second = others.find(({ skuId }) => skuId !== first?.skuId)
if (!first || !second) throw new Error('the demo has no stock')
let inventory: SubgraphUnderTest

beforeAll(async () => {
  inventory = await startSubgraph(inventorySubgraph, seedInventory)
})
afterAll(() => inventory?.stop())

const changes = `subscription ($filter: InventoryChangeFilter, $after: String) {
  inventoryChanged(filter: $filter, after: $after) {
    id cursor subject occurredAt reason delta level { id available sku { id } location { code } }
  }
}`
interface Change {
  readonly inventoryChanged: {
    readonly id: string
    readonly cursor: string
    readonly reason: string
    readonly delta: number
    readonly level: { readonly id: string; readonly available: number; readonly location: { readonly code: string } }
  }
}

async function adjust(level: { skuId: string; locationId: string }, delta: number): Promise<void> {
  const { skuId, locationId } = level
  const { data, errors } = await inventory.execute<{ adjustInventory: { userErrors: unknown[] } }>(
    operator,
    'mutation ($input: AdjustInventoryInput!) { adjustInventory(input: $input) { userErrors { code } } }',
    { input: { adjustments: [{ skuId, locationId, delta, reason: delta < 0 ? 'SALE' : 'RESTOCK' }] } },
  )
  expect(errors).toBeUndefined()
  expect(data.adjustInventory.userErrors).toEqual([])
}

describe('inventoryChanged', () => {
  it('tells changes in the order in which they were made, with the level and its warehouse', async () => {
    const stream = streamOf(await inventory.subscribe(partner, changes, { filter: { skuIds: [first.skuId] } }))
    await adjust(first, -2)
    await adjust(first, 5)
    const [sale, restock] = await take<Change>(stream, 2)
    expect(sale?.inventoryChanged).toMatchObject({ reason: 'SALE', delta: -2, level: { id: first._id } })
    expect(restock?.inventoryChanged).toMatchObject({
      reason: 'RESTOCK',
      delta: 5,
      level: { available: first.available + 3, location: { code: expect.any(String) as string } },
    })
    expect(sale?.inventoryChanged.id).not.toBe(restock?.inventoryChanged.id)
    await stream.return?.()
  })

  it('tells only of the SKUs and warehouses that were asked for, and nothing of refused changes', async () => {
    const bySku = streamOf(await inventory.subscribe(partner, changes, { filter: { skuIds: [second.skuId] } }))
    const byPlace = streamOf(
      await inventory.subscribe(partner, changes, {
        filter: { skuIds: [first.skuId], locationIds: [first.locationId] },
      }),
    )
    const { skuId, locationId } = second
    await inventory.execute(
      operator,
      'mutation ($input: AdjustInventoryInput!) { adjustInventory(input: $input) { userErrors { code } } }',
      {
        input: {
          adjustments: [
            { skuId, locationId, delta: 1, reason: 'RESTOCK' },
            { skuId, locationId, delta: -1_000_000, reason: 'SALE' },
          ],
        },
      },
    )
    await adjust(first, -1)
    await adjust(second, -3)
    expect(await take<Change>(bySku, 1)).toMatchObject([{ inventoryChanged: { delta: -3 } }])
    expect(await take<Change>(byPlace, 1)).toMatchObject([{ inventoryChanged: { delta: -1 } }])
    await Promise.all([bySku.return?.(), byPlace.return?.()])
  })

  it('ends at once when its reader goes, even while it waits', async () => {
    const stream = streamOf(await inventory.subscribe(partner, changes))
    const waiting = stream.next()
    await stream.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('is refused before anything is opened for a caller without the scope', async () => {
    const blind = callerOf('northwind', { scopes: ['catalog:read', 'deals:read'] })
    const refusal = await inventory.subscribe(blind, changes)
    expect(refusal).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
  })

  it('is refused with a filter that is empty or too long', async () => {
    for (const skuIds of [[], Array.from({ length: 251 }, (_, index) => `sku_${index}`)]) {
      expect(await inventory.subscribe(partner, changes, { filter: { skuIds } })).toMatchObject({
        errors: [{ extensions: { code: 'BAD_USER_INPUT', argument: 'filter.skuIds' } }],
      })
    }
  })

  it('goes on after a cursor with what came since, each change once and in order, and then live', async () => {
    const filter = { skuIds: [first.skuId] }
    const stream = streamOf(await inventory.subscribe(partner, changes, { filter }))
    for (const delta of [1, 2, 3]) await adjust(first, delta)
    const [one] = await take<Change>(stream, 1)
    await stream.return?.()
    await adjust(first, 4)
    const again = streamOf(await inventory.subscribe(partner, changes, { filter, after: one?.inventoryChanged.cursor }))
    await adjust(first, 5)
    const rest = await take<Change>(again, 4)
    expect(rest.map(({ inventoryChanged }) => inventoryChanged.delta)).toEqual([2, 3, 4, 5])
    await again.return?.()
  })

  it('loses nothing between a snapshot and the stream after its cursor', async () => {
    const query = '{ inventoryLevels(first: 1) { eventCursor } }'
    const { data } = await inventory.execute<{ inventoryLevels: { eventCursor: string } }>(partner, query)
    await adjust(first, 6)
    const after = data.inventoryLevels.eventCursor
    const stream = streamOf(await inventory.subscribe(partner, changes, { after }))
    expect(await take<Change>(stream, 1)).toMatchObject([{ inventoryChanged: { delta: 6, subject: first._id } }])
    await stream.return?.()
  })

  it.each([
    ['made up', 'evc_AAAAAAAAAAAAAAAAAAAAAA'],
    ['of another kind', 'cursor'],
  ])('is refused with a cursor that is %s', async (_name, after) => {
    expect(await inventory.subscribe(partner, changes, { after })).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT', argument: 'after' } }],
    })
  })

  it('tells of SKUs by their product and family', async () => {
    const product = demoProducts.find(({ skus }) => skus.some(({ id }) => id === second.skuId))
    const foreign = demoProducts.find(({ family }) => family !== product?.family)
    const other = demoLevels(new Date()).find(({ skuId }) => foreign?.skus.some(({ id }) => id === skuId))
    if (!product || !other) throw new Error('the demo has one family only')
    for (const filter of [{ productIds: [product.id] }, { families: [product.family] }]) {
      const stream = streamOf(await inventory.subscribe(partner, changes, { filter }))
      await adjust(other, 1)
      await adjust(second, 2)
      expect(await take<Change>(stream, 1)).toMatchObject([{ inventoryChanged: { delta: 2 } }])
      await stream.return?.()
    }
  })

  it('tells of crossed thresholds only, each change of one batch by itself', async () => {
    const seesQuantities = callerOf('northwind', { scopes: ['inventory:read', 'inventory:quantities'] })
    const { skuId, locationId } = first
    const { data } = await inventory.execute<{ inventoryLevels: { nodes: { available: number }[] } }>(
      seesQuantities,
      'query ($skuId: ID, $locationId: ID) { inventoryLevels(skuId: $skuId, locationId: $locationId) { nodes { available } } }',
      { skuId, locationId },
    )
    const threshold = data.inventoryLevels.nodes[0]?.available ?? 0
    const crossing = (direction?: string) =>
      inventory.subscribe(seesQuantities, changes, { filter: { skuIds: [skuId], crosses: { threshold, direction } } })
    const [both, down] = [streamOf(await crossing()), streamOf(await crossing('DOWN'))]
    const adjustments = [-1, -1, 1, 1, -2].map((delta) => ({ skuId, locationId, delta, reason: 'CORRECTION' }))
    await inventory.execute(
      operator,
      'mutation ($input: AdjustInventoryInput!) { adjustInventory(input: $input) { userErrors { code } } }',
      { input: { adjustments } },
    )
    await adjust(first, 2)
    const deltas = (told: Change[]) => told.map(({ inventoryChanged }) => inventoryChanged.delta)
    expect(deltas(await take<Change>(both, 4))).toEqual([-1, 1, -2, 2])
    expect(deltas(await take<Change>(down, 2))).toEqual([-1, -2])
    await Promise.all([both.return?.(), down.return?.()])
  })

  it('refuses thresholds to whom quantities are not shown, or they could be found by asking', async () => {
    const blind = callerOf('northwind', { scopes: ['inventory:read'] })
    expect(await inventory.subscribe(blind, changes, { filter: { crosses: { threshold: 5 } } })).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN', argument: 'filter.crosses' } }],
    })
  })
})
