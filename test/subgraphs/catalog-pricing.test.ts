import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type PriceList,
  type PriceListReach,
  type SkuPrice,
  endOfTime,
  inPrecedence,
  priceListReaches,
} from '../../subgraphs/catalog/pricing/price-list.ts'
import { beginPrice, cancelPrice } from '../../subgraphs/catalog/pricing/price-sequence.ts'
import { resolvePrice } from '../../subgraphs/catalog/pricing/resolve-price.ts'

const day = (days: number): Date => new Date(Date.UTC(2026, 0, 1) + days * 24 * 60 * 60 * 1000)
const money = (minorUnits: number, currencyCode = 'EUR') => ({ minorUnits, currencyCode })

const list = (fields: Partial<PriceList> & Pick<PriceList, '_id' | 'reach'>): PriceList => ({
  name: fields._id,
  currencyCode: 'EUR',
  validFrom: day(0),
  validTo: null,
  externalId: null,
  words: [],
  version: 1,
  createdAt: day(0),
  updatedAt: day(0),
  ...fields,
})
const price = (priceListId: string, ...breaks: readonly (readonly [number, number])[]): SkuPrice => ({
  _id: `${priceListId}:sku`,
  priceListId,
  skuId: 'sku',
  beginsAt: day(0),
  endsAt: endOfTime,
  breaks: breaks.map(([minimumQuantity, minorUnits]) => ({ minimumQuantity, unitPrice: money(minorUnits) })),
})

/** Asks as the product does: the lists in precedence. */
const resolve = (
  asked: { lists: readonly PriceList[]; prices: readonly SkuPrice[]; quantity: number; at: Date },
  currency: string | null = 'EUR',
) => resolvePrice({ ...asked, lists: inPrecedence(asked.lists, currency) })

const everyone = list({ _id: 'default', reach: 'DEFAULT' })
const region = list({ _id: 'region', reach: 'TERRITORY' })
const gold = list({ _id: 'gold', reach: 'TIER' })
const contract = list({ _id: 'contract', reach: 'ORGANIZATION', validTo: day(10) })

describe('the price of a SKU', () => {
  test('comes from the contract before tier, territory and default list, even where that is dearer', () => {
    const prices = [
      price('default', [1, 900]),
      price('region', [1, 850]),
      price('gold', [1, 800]),
      price('contract', [1, 950]),
    ]
    const asked = { prices, quantity: 1, at: day(5) }
    expect(resolve({ ...asked, lists: [everyone, region, gold, contract] }).price?.unitPrice).toEqual(money(950))
    expect(resolve({ ...asked, lists: [everyone, region, gold] }).price?.unitPrice).toEqual(money(800))
    expect(resolve({ ...asked, lists: [everyone, region] }).price?.unitPrice).toEqual(money(850))
    expect(resolve({ ...asked, lists: [everyone] }).price?.unitPrice).toEqual(money(900))
  })

  test('falls to the next list from the very moment at which one ends', () => {
    const asked = {
      lists: [contract, everyone],
      prices: [price('default', [1, 900]), price('contract', [1, 700])],
      quantity: 1,
    }
    expect(resolve({ ...asked, at: new Date(day(10).getTime() - 1) }).price?.priceList).toBe(contract)
    expect(resolve({ ...asked, at: day(10) }).price?.priceList).toBe(everyone)
    expect(resolve({ ...asked, at: new Date(day(0).getTime() - 1) }).price).toBeNull()
  })

  test('takes the break that the quantity reaches, and tells the default price without breaks beside it', () => {
    const asked = { lists: [everyone], prices: [price('default', [10, 97], [1, 100], [50, 93])], at: day(1) }
    expect(resolve({ ...asked, quantity: 9 }).price).toMatchObject({ unitPrice: money(100), breakFrom: 1 })
    expect(resolve({ ...asked, quantity: 10 }).price).toMatchObject({ unitPrice: money(97), breakFrom: 10 })
    expect(resolve({ ...asked, quantity: 50 }).price).toMatchObject({ total: money(4650), listPrice: money(100) })
  })

  test('is on the list in my currency, then on the one that began later, when two of one reach are in force', () => {
    const older = list({ _id: 'older', reach: 'TIER' })
    const newer = list({ _id: 'newer', reach: 'TIER', validFrom: day(3) })
    const pounds = list({ _id: 'pounds', reach: 'TIER', currencyCode: 'GBP' })
    const prices = [price('older', [1, 10]), price('newer', [1, 20]), price('pounds', [1, 9])]
    const asked = { lists: [older, newer, pounds], prices, quantity: 1 }
    expect(resolve({ ...asked, at: day(2) }).price?.priceList).toBe(older)
    expect(resolve({ ...asked, at: day(3) }).price?.priceList).toBe(newer)
    expect(resolve({ ...asked, at: day(3) }, 'GBP').price?.priceList).toBe(pounds)
    expect(resolve({ ...asked, at: day(3) }, null).price?.priceList).toBe(newer)
  })

  test('tells of every list why it decided or did not', () => {
    const lists = [
      contract,
      list({ _id: 'to-come', reach: 'ORGANIZATION', validFrom: day(90) }),
      gold,
      region,
      everyone,
      list({ _id: 'other', reach: 'DEFAULT', validFrom: day(-5) }),
    ]
    const prices = [
      price('contract', [1, 5]),
      price('gold', [100, 7]),
      price('default', [1, 9]),
      price('other', [1, 8]),
    ]
    const { considered } = resolve({ lists, prices, quantity: 20, at: day(20) })
    expect(
      considered.map(({ priceList, verdict, unitPrice }) => [priceList._id, verdict, unitPrice?.minorUnits]),
    ).toEqual([
      ['to-come', 'NOT_BEGUN', undefined],
      ['contract', 'ENDED', undefined],
      ['gold', 'BELOW_SMALLEST_BREAK', undefined],
      ['region', 'SKU_NOT_PRICED', undefined],
      ['default', 'DECIDED', 9],
      ['other', 'OUTRANKED', 8],
    ])
    expect(considered.map(({ reason }) => reason)).toEqual([
      `It begins at ${day(90).toISOString()}.`,
      `It ended at ${day(10).toISOString()}.`,
      'Its prices begin at 100.',
      'It has no price for the SKU at that moment.',
      'It is a default list, is the first in order with a price, and asks 0.09 EUR from 1 on.',
      'It has a price too, but default comes before it.',
    ])
  })
})

const drawnList = fc.record({
  reach: fc.constantFrom<PriceListReach>(...priceListReaches),
  currencyCode: fc.constantFrom('EUR', 'GBP', 'SEK'),
  from: fc.integer({ min: 0, max: 5 }),
  length: fc.option(fc.integer({ min: 1, max: 8 })),
  breaks: fc.uniqueArray(fc.tuple(fc.constantFrom(1, 2, 5, 10, 50), fc.integer({ min: 1, max: 10_000 })), {
    selector: ([minimum]) => minimum,
    maxLength: 4,
  }),
})

describe('the precedence of price lists', () => {
  test('is that of a slow model which compares every offer with every other by the rules as documented', () => {
    const asked = fc.record({
      lists: fc.array(drawnList, { maxLength: 8 }),
      currency: fc.constantFrom('EUR', 'GBP', null),
      quantity: fc.integer({ min: 1, max: 60 }),
      at: fc.integer({ min: 0, max: 14 }),
      order: fc.integer({ min: 0, max: 1_000 }),
    })
    fc.assert(
      fc.property(asked, ({ lists: drawn, currency, quantity, at, order }) => {
        // Ids in another order than the lists, so that the last rule is not the order of arrival.
        const idOf = (index: number): string => `list-${(index * 7 + order) % 11}`
        const lists = drawn.map(({ reach, currencyCode, from, length }, index) =>
          list({
            _id: idOf(index),
            reach,
            currencyCode,
            validFrom: day(from),
            validTo: length === null ? null : day(from + length),
          }),
        )
        const prices = drawn.map(({ breaks }, index) => price(idOf(index), ...breaks))

        // An offer is beaten when some other offer is nearer by the first rule that tells the two apart.
        const offers = drawn.flatMap(({ reach, currencyCode, from, length, breaks }, index) => {
          const inForce = from <= at && (length === null || at < from + length)
          const unit = breaks.reduce<readonly [number, number] | null>(
            (best, entry) => (entry[0] <= quantity && (best === null || entry[0] > best[0]) ? entry : best),
            null,
          )
          const own = currencyCode === currency
          return inForce && unit !== null ? [{ id: idOf(index), reach, own, from, unit: unit[1] }] : []
        })
        type Offer = (typeof offers)[number]
        const nearness: Record<PriceListReach, number> = { ORGANIZATION: 4, TIER: 3, TERRITORY: 2, DEFAULT: 1 }
        const beats = (a: Offer, b: Offer): boolean => {
          if (a.reach !== b.reach) return nearness[a.reach] > nearness[b.reach]
          if (a.own !== b.own) return a.own
          if (a.from !== b.from) return a.from > b.from
          return a.id < b.id
        }
        const winner = offers.find((offer) => offers.every((other) => other === offer || beats(offer, other)))

        const { price: resolved, considered } = resolve({ lists, prices, quantity, at: day(at) }, currency)
        expect(resolved?.priceList._id).toBe(winner?.id)
        expect(resolved?.unitPrice.minorUnits).toBe(winner?.unit)
        expect(resolved?.total.minorUnits).toBe(winner && winner.unit * quantity)
        expect(considered).toHaveLength(lists.length)
        expect(considered.filter(({ verdict }) => verdict === 'DECIDED')).toHaveLength(winner ? 1 : 0)
        expect(considered.filter(({ unitPrice }) => unitPrice !== null)).toHaveLength(offers.length)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('the prices of a SKU on a list', () => {
  const command = fc.record({
    kind: fc.constantFrom('set', 'withdraw', 'cancel'),
    at: fc.integer({ min: 0, max: 12 }),
    unit: fc.integer({ min: 1, max: 4 }),
  })

  test('never overlap or leave a gap, and at every moment are what the last command about it said', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        let sequence: readonly SkuPrice[] = []
        // The slow model: what begins on each day, and at any day the latest beginning up to it.
        const begins = new Map<number, number>()
        const modelAt = (at: number): number =>
          begins.get(Math.max(...[...begins.keys()].filter((begin) => begin <= at), -1)) ?? 0

        for (const { kind, at, unit } of commands) {
          const before = modelAt(at)
          const breaks = kind === 'set' ? [{ minimumQuantity: 1, unitPrice: money(unit) }] : []
          const change =
            kind === 'cancel'
              ? cancelPrice(sequence, day(at))
              : beginPrice(sequence, { priceListId: 'list', skuId: 'sku', beginsAt: day(at), breaks })
          if (kind === 'cancel') begins.delete(at)
          else if (before !== (kind === 'set' ? unit : 0)) begins.set(at, kind === 'set' ? unit : 0)
          const written = new Map(sequence.map((entry) => [entry.beginsAt.getTime(), entry]))
          for (const dropped of change?.drop ?? []) written.delete(dropped.beginsAt.getTime())
          for (const put of change?.put ?? []) written.set(put.beginsAt.getTime(), put)
          sequence = [...written.values()].toSorted((a, b) => a.beginsAt.getTime() - b.beginsAt.getTime())

          sequence.forEach((entry, place) => {
            expect(entry.endsAt).toEqual(sequence[place + 1]?.beginsAt ?? endOfTime)
          })
          for (let moment = 0; moment <= 13; moment += 1) {
            const inForce = sequence.filter(({ beginsAt, endsAt }) => beginsAt <= day(moment) && day(moment) < endsAt)
            expect(inForce.length).toBeLessThanOrEqual(1)
            expect(inForce[0]?.breaks[0]?.unitPrice.minorUnits ?? 0).toBe(modelAt(moment))
          }
        }
      }),
    )
  })
})
