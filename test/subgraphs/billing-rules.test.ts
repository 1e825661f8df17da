import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CommissionRule, commissionAmount, ruleFor } from '../../subgraphs/billing/commissions/commission-rule.ts'
import { totalOf } from '../../subgraphs/billing/invoices/invoice-lines.ts'
import { ledgerTransaction } from '../../subgraphs/billing/ledger/ledger-transaction.ts'
import { parseMoney } from '../../subgraphs/billing/money/parse-money.ts'
import { shareOf, splitByWeights } from '../../subgraphs/billing/money/rounding.ts'
import { type PricingRule, priceUsage } from '../../subgraphs/billing/plans/pricing-rule.ts'
import { revenueSharesOf } from '../../subgraphs/billing/revenue-share/revenue-share.ts'
import { feeBetween } from '../../subgraphs/billing/subscriptions/proration.ts'
import { type UsageRow, totalsOf, usageRowId } from '../../subgraphs/billing/usage/usage.ts'
import { piecesOf, usageSpan } from '../../subgraphs/billing/usage/usage-span.ts'

const now = new Date('2026-11-21T10:20:30.000Z')
const hourMs = 60 * 60 * 1000
const eur = (minorUnits: number) => ({ minorUnits, currencyCode: 'EUR' })

const within = (row: UsageRow, piece: { from: Date; to: Date }) => row.start >= piece.from && row.start < piece.to

const sumOf = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)

describe('a span of usage', () => {
  test('is this month up to and with the current hour by default', () => {
    expect(usageSpan({}, now)).toEqual({
      from: new Date('2026-11-01T00:00:00.000Z'),
      to: new Date('2026-11-21T11:00:00.000Z'),
    })
  })

  test('has at least one hour in the first millisecond of a month', () => {
    const { from, to } = usageSpan({}, new Date('2026-11-01T00:00:00.000Z'))
    expect(to.getTime() - from.getTime()).toBe(hourMs)
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

  test('that asks for this month is one row of an app', () => {
    expect(piecesOf(usageSpan({}, now), now)).toEqual([
      {
        granularity: 'MONTH',
        from: new Date('2026-11-01T00:00:00.000Z'),
        to: new Date('2026-12-01T00:00:00.000Z'),
      },
    ])
  })

  test('is covered by its pieces hour by hour, each once', () => {
    const hours = Array.from({ length: 100 * 24 }, (_, index): UsageRow => {
      const start = new Date(Date.UTC(2026, 7, 14) + index * hourMs)
      const _id = usageRowId('app_1', 'HOUR', start)
      return {
        _id,
        appId: 'app_1',
        organizationId: null,
        start,
        callCount: 2 ** (index % 20),
        costPoints: 0,
        errorCount: 0,
      }
    }).filter(({ start }) => start <= now)
    const rows = [...hours.map((row) => ({ ...row, granularity: 'HOUR' as const })), ...totalsOf(hours)]
    const hour = fc.integer({ min: 0, max: 98 * 24 })
    fc.assert(
      fc.property(hour, hour, (a, b) => {
        const from = new Date(Date.UTC(2026, 7, 14) + Math.min(a, b) * hourMs)
        const to = new Date(Date.UTC(2026, 7, 14) + (Math.max(a, b) + 1) * hourMs)
        const exact = hours.filter((row) => within(row, { from, to })).map(({ callCount }) => callCount)
        const pieced = piecesOf({ from, to }, now).flatMap((piece) =>
          rows
            .filter((row) => row.granularity === piece.granularity && within(row, piece))
            .map(({ callCount }) => callCount),
        )
        expect(sumOf(pieced)).toBe(sumOf(exact))
      }),
    )
  })
})

describe('amounts', () => {
  test('shares are rounded half up, exactly, whatever the amount', () => {
    expect(shareOf(eur(50), 100)).toEqual(eur(1))
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 10_000 }), (minorUnits, basisPoints) => {
        const share = BigInt(shareOf(eur(minorUnits), basisPoints).minorUnits)
        const remainder = BigInt(minorUnits) * BigInt(basisPoints) - share * 10_000n
        expect(remainder >= -5_000n && remainder < 5_000n).toBe(true)
      }),
    )
  })

  test('an invoice comes to the sum of its lines', () => {
    expect(totalOf([1_050, 20, 3].map((minorUnits) => ({ amount: eur(minorUnits) })))).toEqual(eur(1_073))
  })

  test('a split loses and makes nothing, and each part is off by less than one minor unit', () => {
    expect(splitByWeights(100, [1, 1, 1])).toEqual([34, 33, 33])
    expect(splitByWeights(-100, [1, 1, 1])).toEqual([-34, -33, -33])
    const weights = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(fc.maxSafeInteger(), weights, (minorUnits, given) => {
        const parts = splitByWeights(minorUnits, [...given, 1])
        expect(parts.reduce((sum, part) => sum + BigInt(part), 0n)).toBe(BigInt(minorUnits))
        const total = given.reduce((sum, weight) => sum + BigInt(weight), 1n)
        for (const [index, weight] of [...given, 1].entries()) {
          const off = BigInt(parts[index] ?? 0) * total - BigInt(minorUnits) * BigInt(weight)
          expect(off < total && off > -total).toBe(true)
        }
      }),
    )
  })

  test.each([
    ['12', 'EUR', 1_200],
    ['12.30', 'EUR', 1_230],
    ['12', 'JPY', 12],
    ['0.001', 'KWD', 1],
    ['99999999999.99', 'EUR', 9_999_999_999_999],
    ['12.345', 'EUR', null],
    ['-1', 'EUR', null],
    ['1e3', 'EUR', null],
    ['1', 'eur', null],
  ])('%s %s is read as %s minor units', (amount, currencyCode, minorUnits) => {
    expect(parseMoney({ amount, currencyCode })?.minorUnits ?? null).toBe(minorUnits)
  })

  test('a publisher and the platform share credits as they share charges', () => {
    const revenueShare = { organizationId: 'org_1', basisPoints: 3_333 }
    const lines = [1_000, -333, 5].map((minorUnits) => ({ amount: eur(minorUnits), revenueShare }))
    expect(revenueSharesOf([...lines, { amount: eur(7), revenueShare: null }])).toEqual([
      { terms: revenueShare, gross: eur(672), amount: eur(224) },
    ])
  })
})

describe('proration', () => {
  const start = Date.UTC(2026, 1, 1)
  const length = Date.UTC(2026, 2, 1) - start
  const moment = fc.integer({ min: 0, max: length }).map((after) => new Date(start + after))
  const price = fc.integer({ min: 0, max: 2 ** 53 - 1 }).map(eur)

  test('loses and makes no cent, however a month is cut', () => {
    fc.assert(
      fc.property(price, fc.array(moment, { maxLength: 12 }), (whole, cuts) => {
        const inside = cuts.filter((cut) => cut.getTime() < start + length)
        const edges = [new Date(start), ...inside.toSorted((a, b) => a.getTime() - b.getTime())]
        const parts = edges.map((from, index) => feeBetween(whole, from, edges[index + 1] ?? new Date(start + length)))
        expect(parts.reduce((sum, { minorUnits }) => sum + BigInt(minorUnits), 0n)).toBe(BigInt(whole.minorUnits))
        expect(parts.every(({ minorUnits }) => minorUnits >= 0)).toBe(true)
      }),
    )
  })

  test('is in proportion, to within a cent', () => {
    expect(feeBetween(eur(2_800), new Date(start), new Date(start + length / 2))).toEqual(eur(1_400))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), moment, (minorUnits, to) => {
        const exact = (minorUnits * (to.getTime() - start)) / length
        expect(Math.abs(feeBetween(eur(minorUnits), new Date(start), to).minorUnits - exact)).toBeLessThanOrEqual(0.5)
      }),
    )
  })

  test('does not reach beyond its month', () => {
    expect(() => feeBetween(eur(1), new Date(start), new Date(start + length + 1))).toThrow('is not in the month')
  })
})

const pricingRule = (fields: Partial<PricingRule>): PricingRule => ({
  id: 'prule_1',
  meter: 'calls',
  scheme: 'PER_UNIT',
  includedUnits: 100,
  unitsPerPrice: 1,
  priceMinorUnits: 0,
  tiers: [],
  revenueShare: null,
  ...fields,
})

const costs = (fields: Partial<PricingRule>, used: number) =>
  priceUsage(pricingRule(fields), used).map(({ minorUnits }) => minorUnits)

describe('pricing of usage', () => {
  const tiers = [
    { upTo: 10, priceMinorUnits: 5 },
    { upTo: 20, priceMinorUnits: 3 },
    { upTo: null, priceMinorUnits: 1 },
  ]

  test.each([
    ['nothing within what is included', { priceMinorUnits: 40 }, 100, []],
    ['each unit beyond', { priceMinorUnits: 40 }, 103, [120]],
    ['a price per thousand, rounded half up', { priceMinorUnits: 40, unitsPerPrice: 1_000 }, 112, [0]],
    ['a price per thousand, rounded half up at the half', { priceMinorUnits: 40, unitsPerPrice: 1_000 }, 113, [1]],
    ['packages, each begun one in full', { scheme: 'PACKAGE', unitsPerPrice: 50, priceMinorUnits: 200 }, 151, [400]],
    ['tiers by the units in each', { scheme: 'GRADUATED', tiers }, 125, [50, 30, 5]],
    ['all units by the tier of their number', { scheme: 'VOLUME', tiers }, 115, [45]],
    ['all units by the last tier', { scheme: 'VOLUME', tiers }, 130, [30]],
  ] as const)('costs %s', (_case, fields, used, expected) => {
    expect(costs(fields as Partial<PricingRule>, used)).toEqual(expected)
  })

  test('bills each unit beyond what is included once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (used) => {
        const quantities = priceUsage(pricingRule({ scheme: 'GRADUATED', tiers }), used).map(({ quantity }) => quantity)
        expect(quantities.reduce((sum, quantity) => sum + quantity, 0)).toBe(Math.max(0, used - 100))
      }),
    )
  })

  test('is exact where quantity times price exceeds what a number can hold', () => {
    const fields = { includedUnits: 0, unitsPerPrice: 1_000_000, priceMinorUnits: 999_999 }
    expect(costs(fields, 999_999_999_999)).toEqual([Number((999_999_999_999n * 999_999n + 500_000n) / 1_000_000n)])
  })
})

describe('commission rules', () => {
  const at = new Date('2026-03-01T00:00:00.000Z')
  const deal = { organizationId: 'org_a', tierId: 'tier_a', family: 'Notebooks', value: eur(100_000), wonAt: at }
  const rule = (fields: Partial<CommissionRule>): CommissionRule => ({
    _id: 'crule_1',
    name: 'A rule',
    organizationId: null,
    tierId: null,
    family: null,
    rateBasisPoints: 100,
    fixedAmount: null,
    cap: null,
    validFrom: new Date('2026-01-01T00:00:00.000Z'),
    validUntil: null,
    status: 'ACTIVE',
    version: 1,
    createdAt: at,
    ...fields,
  })

  test('go by organization, then tier, then family, then the latest beginning', () => {
    const later = { validFrom: new Date('2026-02-01T00:00:00.000Z') }
    const inOrder = [
      rule({ _id: 'crule_6', organizationId: 'org_a', family: 'Notebooks' }),
      rule({ _id: 'crule_5', organizationId: 'org_a' }),
      rule({ _id: 'crule_4', tierId: 'tier_a', family: 'Notebooks' }),
      rule({ _id: 'crule_3', tierId: 'tier_a', ...later }),
      rule({ _id: 'crule_2', tierId: 'tier_a' }),
      rule({ _id: 'crule_1', family: 'Notebooks' }),
      rule({ _id: 'crule_0' }),
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(inOrder, { minLength: 1 }), (rules) => {
        expect(ruleFor(rules, deal)).toBe(inOrder.find((candidate) => rules.includes(candidate)))
      }),
    )
  })

  test.each([
    ['of another organization', { organizationId: 'org_b' }],
    ['of another tier', { tierId: 'tier_b' }],
    ['of another family', { family: 'Servers' }],
    ['that begins later', { validFrom: new Date('2026-03-01T00:00:00.001Z') }],
    ['that has ended', { validUntil: at }],
    ['that was archived', { status: 'ARCHIVED' }],
    ['with a cap in another currency', { cap: { minorUnits: 1, currencyCode: 'USD' } }],
  ] as const)('%s do not apply', (_case, fields) => {
    expect(ruleFor([rule(fields)], deal)).toBeUndefined()
  })

  test('give a share up to a cap, or a fixed amount', () => {
    expect(commissionAmount(rule({}), deal)).toEqual(eur(1_000))
    expect(commissionAmount(rule({ cap: eur(999) }), deal)).toEqual(eur(999))
    expect(commissionAmount(rule({ rateBasisPoints: null, fixedAmount: eur(77) }), deal)).toEqual(eur(77))
  })
})

const side = (account: 'CASH' | 'RECEIVABLE', minorUnits: number, currencyCode = 'EUR') => ({
  account,
  minorUnits,
  currencyCode,
})

describe('a ledger transaction', () => {
  const movement = {
    key: 'k',
    type: 'PAYMENT_RECEIVED',
    organizationId: 'org_a',
    reference: 'in_1',
    occurredAt: now,
  } as const

  test('is refused unless it sums to zero in each currency', () => {
    expect(() => ledgerTransaction({ ...movement, entries: [side('CASH', 5), side('RECEIVABLE', -4)] })).toThrow('EUR')
    const mixed = [side('CASH', 5), side('RECEIVABLE', -5, 'USD')]
    expect(() => ledgerTransaction({ ...movement, entries: mixed })).toThrow('k does not sum to zero in EUR, USD')
  })

  test('puts entries of one account together, and is none when nothing is moved', () => {
    const entries = [side('CASH', 5), side('RECEIVABLE', -2), side('RECEIVABLE', -3)]
    expect(ledgerTransaction({ ...movement, entries })?.entries).toMatchObject([
      { account: 'CASH', organizationId: null, minorUnits: 5 },
      { account: 'RECEIVABLE', organizationId: 'org_a', minorUnits: -5 },
    ])
    expect(ledgerTransaction({ ...movement, entries: [side('CASH', 0)] })).toBeNull()
  })
})
