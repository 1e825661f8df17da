import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { totalOf } from '../../subgraphs/billing/invoices/invoice-lines.ts'
import { shareOf } from '../../subgraphs/billing/money/rounding.ts'
import { usageSpan } from '../../subgraphs/billing/usage/usage-span.ts'

const now = new Date('2026-11-21T10:20:30.000Z')

describe('a span of usage', () => {
  test('is this month up to and with the current hour by default', () => {
    expect(usageSpan({}, now)).toEqual({
      from: new Date('2026-11-01T00:00:00.000Z'),
      to: new Date('2026-11-21T11:00:00.000Z'),
    })
  })

  test('has at least one hour in the first millisecond of a month', () => {
    const { from, to } = usageSpan({}, new Date('2026-11-01T00:00:00.000Z'))
    expect(to.getTime() - from.getTime()).toBe(60 * 60 * 1000)
  })

  test('is widened to whole hours', () => {
    const asked = { from: new Date('2026-11-20T09:59:59.999Z'), to: new Date('2026-11-20T11:00:00.001Z') }
    expect(usageSpan(asked, now)).toEqual({
      from: new Date('2026-11-20T09:00:00.000Z'),
      to: new Date('2026-11-20T12:00:00.000Z'),
    })
  })

  test.each([
    ['ends before it begins', '2026-11-02T00:00:00Z', '2026-11-01T00:00:00Z'],
    ['is longer than a year', '2025-01-01T00:00:00Z', '2026-11-01T00:00:00Z'],
  ])('is refused when it %s', (_case, from, to) => {
    expect(() => usageSpan({ from: new Date(from), to: new Date(to) }, now)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT' }),
    )
  })
})

describe('amounts', () => {
  test('shares are rounded half up, exactly, whatever the amount', () => {
    expect(shareOf({ minorUnits: 50, currencyCode: 'EUR' }, 100)).toEqual({ minorUnits: 1, currencyCode: 'EUR' })
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 10_000 }), (minorUnits, basisPoints) => {
        const share = BigInt(shareOf({ minorUnits, currencyCode: 'EUR' }, basisPoints).minorUnits)
        const remainder = BigInt(minorUnits) * BigInt(basisPoints) - share * 10_000n
        expect(remainder >= -5_000n && remainder < 5_000n).toBe(true)
      }),
    )
  })

  test('an invoice comes to the sum of its lines', () => {
    const lines = [1_050, 20, 3].map((minorUnits) => ({ amount: { minorUnits, currencyCode: 'EUR' } }))
    expect(totalOf(lines)).toEqual({ minorUnits: 1_073, currencyCode: 'EUR' })
  })
})
