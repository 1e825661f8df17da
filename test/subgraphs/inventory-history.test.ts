import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoLocations } from '../../subgraphs/demo-world/locations.ts'
import { demoSkus } from '../../subgraphs/demo-world/products.ts'
import { createInventoryModels } from '../../subgraphs/inventory/models.ts'
import { type InventoryLevelDocument, levelId } from '../../subgraphs/inventory/models/inventory-level.ts'
import { onHandOf, quantityNames } from '../../subgraphs/inventory/quantities.ts'
import { inventorySubgraph } from '../../subgraphs/inventory/subgraph.ts'
import { type SubgraphUnderTest, operator, startSubgraph } from './subgraph-under-test.ts'

let inventory: SubgraphUnderTest

beforeAll(async () => {
  inventory = await startSubgraph(inventorySubgraph, async (connection, { now }) => {
    const { locations } = createInventoryModels({ connection, now })
    await locations.insert(demoLocations.map(({ id, ...location }) => ({ _id: id, ...location })))
  })
})
afterAll(() => inventory?.stop())

const levelCount = 3
let histories = 0

/** Levels of SKUs of their own for each history, so that histories do not meet. */
function freshLevels(): InventoryLevelDocument[] {
  const history = histories++
  return demoLocations.slice(0, levelCount).map(({ id: locationId }) => {
    const skuId = `${demoSkus[0]?.id}${history}`
    const quantities = { available: 20, committed: 3, reserved: 2, safety: 4, damaged: 1, qualityControl: 0 }
    return { _id: levelId(skuId, locationId), skuId, locationId, ...quantities, version: 1, updatedAt: new Date() }
  })
}

const line = fc.record({
  level: fc.nat({ max: levelCount - 1 }),
  delta: fc.integer({ min: -30, max: 30 }),
  reason: fc.constantFrom('SALE', 'RETURN', 'RESTOCK', 'CORRECTION', 'DAMAGE'),
})
const command = fc.oneof(
  { weight: 4, arbitrary: fc.record({ adjust: fc.array(line, { minLength: 1, maxLength: 4 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      count: fc.record({ level: fc.nat({ max: levelCount - 1 }), onHand: fc.nat({ max: 60 }) }),
    }),
  },
)
type Command = typeof command extends fc.Arbitrary<infer Each> ? Each : never

/** Commands in rounds; those of one round run at the same time. */
const history = fc.array(fc.array(command, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 })

async function run(levels: readonly InventoryLevelDocument[], each: Command) {
  const place = (index: number) => ({ skuId: levels[index]?.skuId, locationId: levels[index]?.locationId })
  const adjusting = 'adjust' in each
  const input = adjusting
    ? { adjustments: each.adjust.map(({ level, ...rest }) => ({ ...place(level), ...rest })) }
    : { levels: [{ ...place(each.count.level), onHand: each.count.onHand }] }
  const { errors } = await inventory.execute(
    operator,
    adjusting
      ? 'mutation ($input: AdjustInventoryInput!) { adjustInventory(input: $input) { userErrors { code } } }'
      : 'mutation ($input: SetInventoryInput!) { setInventory(input: $input) { userErrors { code } } }',
    { input },
  )
  expect(errors).toBeUndefined()
}

describe('after any history of commands, some of them at the same time', () => {
  it('nothing is below zero and every level is what its ledger adds up to', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (rounds) => {
        const levels = freshLevels()
        const models = createInventoryModels({ connection: inventory.connection, now: () => new Date() })
        await models.levels.insert(levels)
        // Rounds follow each other.
        for (const round of rounds) await Promise.all(round.map((each) => run(levels, each)))

        const ledger = inventory.connection.collection('inventory_adjustments')
        const after = await models.levels.byIds(levels.map(({ _id }) => _id))
        for (const before of levels) {
          const level = after.find(({ _id }) => _id === before._id)
          if (!level) throw new Error('a level is gone')
          const entries = await ledger.find({ levelId: level._id }).sort({ levelVersion: 1 }).toArray()
          expect(entries.map(({ levelVersion }) => levelVersion as number)).toEqual(
            Array.from({ length: level.version - 1 }, (_, index) => index + 2),
          )
          for (const name of quantityNames) {
            const changes = entries.map((entry) => (entry['changes'] as Record<string, number>)[name] ?? 0)
            expect(level[name]).toBe(changes.reduce((sum, change) => sum + change, before[name]))
            expect(level[name]).toBeGreaterThanOrEqual(0)
          }
          expect(onHandOf(level)).toBe(quantityNames.reduce((sum, name) => sum + level[name], 0))
        }
      }),
      { numRuns: 25 },
    )
  })
})
