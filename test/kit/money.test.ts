import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addMoney, decimalPlaces, formatAmount, parseMoney } from '../../kit/money.ts'

const currencies = ['USD', 'EUR', 'HUF', 'COP', 'JPY', 'KRW', 'KWD', 'TND', 'IQD', 'CLF']
const money = fc.record({
  minorUnits: fc.integer({ min: 0, max: 999_999_999_999 }),
  currencyCode: fc.constantFrom(...currencies),
})

describe('an amount', () => {
  it.each([
    [1999, 'USD', '19.99'],
    [5, 'EUR', '0.05'],
    [0, 'EUR', '0.00'],
    [-5, 'EUR', '-0.05'],
    [-100, 'USD', '-1.00'],
    [1999, 'JPY', '1999'],
    [0, 'JPY', '0'],
    [1999, 'KWD', '1.999'],
    [1, 'KWD', '0.001'],
    [12_345, 'CLF', '1.2345'],
    // The runtime's locale data says that these have no decimals; ISO 4217 says two, and three for the dinar.
    [1999, 'HUF', '19.99'],
    [1999, 'COP', '19.99'],
    [1999, 'IQD', '1.999'],
  ])('of %i minor units of %s is %s', (minorUnits, currencyCode, amount) => {
    expect(formatAmount({ minorUnits, currencyCode })).toBe(amount)
  })

  it('is read back as it was written, to the last digit', () => {
    fc.assert(
      fc.property(money, (given) => {
        expect(parseMoney({ amount: formatAmount(given), currencyCode: given.currencyCode })).toEqual(given)
      }),
    )
  })

  it('has as many decimals as its currency', () => {
    fc.assert(
      fc.property(money, (given) => {
        const [, decimals = ''] = formatAmount(given).split('.')
        expect(decimals).toHaveLength(decimalPlaces(given.currencyCode))
      }),
    )
  })

  it.each([
    ['1.999', 'USD'],
    ['0.5', 'JPY'],
    ['1.0001', 'KWD'],
    ['1e3', 'USD'],
    ['-1', 'USD'],
    ['', 'USD'],
    ['1,5', 'EUR'],
    ['.5', 'EUR'],
    ['1.', 'EUR'],
    ['0x10', 'EUR'],
    ['١٢', 'EUR'],
    ['1', 'usd'],
    ['1', 'EURO'],
    ['1', '€'],
    ['1', ''],
    ['NaN', 'EUR'],
    ['1'.repeat(13), 'EUR'],
    // Of no currency's decimals alone, but with them it has more digits than a number holds exactly.
    ['999999999999.9999', 'CLF'],
  ])('%j of %s is none', (amount, currencyCode) => {
    expect(parseMoney({ amount, currencyCode })).toBeNull()
  })
})

it('adds amounts of one currency and refuses to mix two', () => {
  const five = { minorUnits: 5, currencyCode: 'EUR' }
  expect(addMoney(five, { minorUnits: 7, currencyCode: 'EUR' })).toEqual({ minorUnits: 12, currencyCode: 'EUR' })
  expect(() => addMoney(five, { minorUnits: 7, currencyCode: 'USD' })).toThrow('cannot add EUR and USD')
})
