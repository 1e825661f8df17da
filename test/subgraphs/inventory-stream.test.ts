import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

const changes = `subscription ($skuIds: [ID!], $locationIds: [ID!]) {
  inventoryChanged(skuIds: $skuIds, locationIds: $locationIds) {
    id occurredAt reason delta level { id available sku { id } location { code } }
  }
}`
interface Change {
  readonly inventoryChanged: {
    readonly id: string
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
    const stream = streamOf(await inventory.subscribe(partner, changes, { skuIds: [first.skuId] }))
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
    const bySku = streamOf(await inventory.subscribe(partner, changes, { skuIds: [second.skuId] }))
    const byPlace = streamOf(
      await inventory.subscribe(partner, changes, { skuIds: [first.skuId], locationIds: [first.locationId] }),
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
      expect(await inventory.subscribe(partner, changes, { skuIds })).toMatchObject({
        errors: [{ extensions: { code: 'BAD_USER_INPUT', argument: 'skuIds' } }],
      })
    }
  })
})
