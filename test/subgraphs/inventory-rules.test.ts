import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Quantities, maxQuantity, onHandOf, quantityNames } from '../../subgraphs/inventory/levels/quantities.ts'
import { isRefusal, planAdjustment, planCount } from '../../subgraphs/inventory/levels/level-rules.ts'

const units = fc.integer({ min: 0, max: 1_000 })
const quantities: fc.Arbitrary<Quantities> = fc.record({
  available: units,
  committed: units,
  reserved: units,
  safety: units,
  damaged: units,
  qualityControl: units,
})
const reasons = fc.constantFrom('SALE', 'RETURN', 'RESTOCK', 'CORRECTION', 'DAMAGE')

describe('an adjustment', () => {
  it('is refused when its sign does not fit its reason', () => {
    for (const [reason, delta] of [
      ['SALE', 1],
      ['DAMAGE', 1],
      ['RETURN', -1],
      ['RESTOCK', -1],
      ['CORRECTION', 0],
      ['SALE', 0],
    ] as const) {
      expect(planAdjustment({ reason, delta })).toMatchObject({ code: 'INVALID_DELTA', field: 'delta' })
    }
  })

  it('takes or adds exactly its delta of what is available', () => {
    fc.assert(
      fc.property(reasons, fc.integer({ min: -maxQuantity, max: maxQuantity }), (reason, delta) => {
        const plan = planAdjustment({ reason, delta })
        if (!isRefusal(plan)) expect(plan.available).toBe(delta)
      }),
    )
  })

  it('leaves what is on hand as it is when goods are found damaged', () => {
    expect(planAdjustment({ reason: 'DAMAGE', delta: -3 })).toEqual({
      available: -3,
      damaged: 3,
    })
  })
})

describe('a count', () => {
  it('makes on hand what was counted without touching what is held, or is refused', () => {
    fc.assert(
      fc.property(quantities, units, (level, counted) => {
        const plan = planCount(level, counted)
        const held = onHandOf(level) - level.available
        if (isRefusal(plan)) {
          expect(counted).toBeLessThan(held)
          return
        }
        expect(Object.keys(plan)).toEqual(['available'])
        const after = { ...level, available: level.available + (plan.available ?? 0) }
        expect(onHandOf(after)).toBe(counted)
        expect(quantityNames.every((name) => after[name] >= 0)).toBe(true)
      }),
    )
  })
})
