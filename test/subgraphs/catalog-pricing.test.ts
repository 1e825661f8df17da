import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PriceList, type SkuPrice, inPrecedence, resolvePrice } from '../../subgraphs/catalog/pricing.ts'

const day = (days: number): Date => new Date(Date.UTC(2026, 0, 1) + days * 24 * 60 * 60 * 1000)
const euro = (minorUnits: number) => ({ minorUnits, currencyCode: 'EUR' })

const list = (fields: Partial<PriceList> & Pick<PriceList, '_id' | 'reach'>): PriceList => ({
  name: fields._id,
  currencyCode: 'EUR',
  validFrom: day(0),
  validTo: null,
  ...fields,
})
const price = (priceListId: string, ...breaks: readonly (readonly [number, number])[]): SkuPrice => ({
  _id: `${priceListId}:sku`,
  priceListId,
  skuId: 'sku',
  breaks: breaks.map(([minimumQuantity, minorUnits]) => ({ minimumQuantity, unitPrice: euro(minorUnits) })),
})

const everyone = list({ _id: 'default', reach: 'DEFAULT' })
const gold = list({ _id: 'gold', reach: 'TIER' })
const contract = list({ _id: 'contract', reach: 'ORGANIZATION', validTo: day(10) })

describe('the price of a SKU', () => {
  test('comes from the contract before the tier before the default list, even where that is dearer', () => {
    const prices = [price('default', [1, 900]), price('gold', [1, 800]), price('contract', [1, 950])]
    const asked = { prices, quantity: 1, at: day(5) }
    expect(resolvePrice({ ...asked, lists: [everyone, gold, contract] })?.unitPrice).toEqual(euro(950))
    expect(resolvePrice({ ...asked, lists: [everyone, gold] })?.unitPrice).toEqual(euro(800))
    expect(resolvePrice({ ...asked, lists: [everyone] })?.unitPrice).toEqual(euro(900))
  })

  test('falls to the next list from the very moment at which one ends', () => {
    const asked = {
      lists: [contract, everyone],
      prices: [price('default', [1, 900]), price('contract', [1, 700])],
      quantity: 1,
    }
    expect(resolvePrice({ ...asked, at: new Date(day(10).getTime() - 1) })?.priceList).toBe(contract)
    expect(resolvePrice({ ...asked, at: day(10) })?.priceList).toBe(everyone)
    expect(resolvePrice({ ...asked, at: new Date(day(0).getTime() - 1) })).toBeNull()
  })

  test('takes the break that the quantity reaches, and tells the default price without breaks beside it', () => {
    const asked = { lists: [everyone], prices: [price('default', [10, 97], [1, 100], [50, 93])], at: day(1) }
    expect(resolvePrice({ ...asked, quantity: 9 })?.unitPrice).toEqual(euro(100))
    expect(resolvePrice({ ...asked, quantity: 10 })?.unitPrice).toEqual(euro(97))
    expect(resolvePrice({ ...asked, quantity: 50 })).toMatchObject({ total: euro(4650), listPrice: euro(100) })
  })

  test('is on the list that began later when two of one reach are in force', () => {
    const older = list({ _id: 'older', reach: 'TIER' })
    const newer = list({ _id: 'newer', reach: 'TIER', validFrom: day(3) })
    const asked = { lists: [older, newer], prices: [price('older', [1, 10]), price('newer', [1, 20])], quantity: 1 }
    expect(resolvePrice({ ...asked, at: day(2) })?.priceList).toBe(older)
    expect(resolvePrice({ ...asked, at: day(3) })?.priceList).toBe(newer)
  })

  test('agrees with a model that looks at every list and every break', () => {
    const listArbitrary = fc.record({
      reach: fc.constantFrom('DEFAULT' as const, 'TIER' as const, 'ORGANIZATION' as const),
      from: fc.integer({ min: 0, max: 8 }),
      length: fc.option(fc.integer({ min: 1, max: 8 })),
      breaks: fc.uniqueArray(fc.tuple(fc.constantFrom(1, 2, 5, 10, 50), fc.integer({ min: 1, max: 10_000 })), {
        selector: ([minimum]) => minimum,
        maxLength: 4,
      }),
    })
    const asked = fc.record({
      lists: fc.array(listArbitrary, { maxLength: 6 }),
      quantity: fc.integer({ min: 1, max: 60 }),
      at: fc.integer({ min: 0, max: 16 }),
    })
    fc.assert(
      fc.property(asked, ({ lists: drawn, quantity, at }) => {
        const lists = drawn.map(({ reach, from, length }, index) =>
          list({
            _id: `list-${index}`,
            reach,
            validFrom: day(from),
            validTo: length === null ? null : day(from + length),
          }),
        )
        const prices = drawn.map(({ breaks }, index) => price(`list-${index}`, ...breaks))

        const offers = inPrecedence(lists).flatMap((candidate) => {
          const started = candidate.validFrom.getTime() <= day(at).getTime()
          const ended = candidate.validTo !== null && candidate.validTo.getTime() <= day(at).getTime()
          const reached = (prices.find((entry) => entry.priceListId === candidate._id)?.breaks ?? [])
            .filter(({ minimumQuantity }) => minimumQuantity <= quantity)
            .toSorted((a, b) => b.minimumQuantity - a.minimumQuantity)
          const best = reached[0]
          return !started || ended || best === undefined ? [] : [{ list: candidate, unit: best.unitPrice.minorUnits }]
        })
        const resolved = resolvePrice({ lists, prices, quantity, at: day(at) })
        expect(resolved?.priceList._id).toBe(offers[0]?.list._id)
        expect(resolved?.unitPrice.minorUnits).toBe(offers[0]?.unit)
        expect(resolved?.total.minorUnits).toBe(offers[0] && offers[0].unit * quantity)
        // No list of a nearer reach had a price.
        const nearest = { ORGANIZATION: 0, TIER: 1, DEFAULT: 2 }
        for (const { list: other } of offers) {
          expect(nearest[resolved?.priceList.reach ?? 'DEFAULT']).toBeLessThanOrEqual(nearest[other.reach])
        }
      }),
    )
  })
})
