import { Binary, BSONRegExp, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareValues } from '../../../storage/embedded/query/compare-values.ts'
import { arbitraryNumber, arbitraryValue } from './arbitrary-values.ts'
import { signOf } from './documents.ts'

const decimal = (text: string): Decimal128 => Decimal128.fromString(text)

describe('the order of values', () => {
  it('puts the types in the order of the manual', () => {
    const ascending = [
      new MinKey(),
      null,
      new Double(Number.NaN),
      decimal('-Infinity'),
      new Int32(-1),
      new Double(0.5),
      Long.fromString('9007199254740993'),
      decimal('1E+6000'),
      new Double(Infinity),
      '',
      'a',
      {},
      { a: new Int32(1) },
      { b: new Int32(0) },
      { a: 'text' },
      [],
      [new Int32(1)],
      [new Int32(1), new Int32(0)],
      [new Int32(2)],
      new Binary(Buffer.from('b')),
      new Binary(Buffer.from('aa')),
      new ObjectId('000000000000000000000001'),
      false,
      true,
      new Date(-1),
      new Date(0),
      new Timestamp({ t: 1, i: 2 }),
      new Timestamp({ t: 4_000_000_000, i: 0 }),
      new BSONRegExp('a', 'i'),
      new BSONRegExp('b'),
      new MaxKey(),
    ]
    expect(ascending.toReversed().toSorted(compareValues)).toEqual(ascending)
  })

  it.each([
    [new Int32(1), Long.fromNumber(1)],
    [new Int32(1), new Double(1)],
    [new Double(0.5), decimal('0.50')],
    [new Double(-0), new Int32(0)],
    [new Double(Number.NaN), decimal('NaN')],
    [Long.fromString('9223372036854775807'), decimal('9223372036854775807')],
    [null, undefined],
  ])('takes %s and %s for equal', (a, b) => {
    expect(compareValues(a, b)).toBe(0)
    expect(compareValues(b, a)).toBe(0)
  })

  it.each([
    [new Double(9007199254740992), Long.fromString('9007199254740993')],
    [Long.fromString('9223372036854775807'), new Double(2 ** 63)],
    [decimal('0.1'), new Double(0.1)],
    [new Double(1.7976931348623157e308), decimal('1.797693134862316E+308')],
    ['\uffff', '\u{1f600}'],
    [
      { a: new Int32(1), b: new Int32(1) },
      { b: new Int32(1), a: new Int32(1) },
    ],
  ])('takes %s for less than %s', (a, b) => {
    expect(compareValues(a, b)).toBeLessThan(0)
    expect(compareValues(b, a)).toBeGreaterThan(0)
  })

  it('is total, and the same from both sides', () => {
    fc.assert(
      fc.property(arbitraryValue, arbitraryValue, arbitraryValue, (a, b, c) => {
        expect(compareValues(a, a)).toBe(0)
        expect(signOf(compareValues(a, b))).toBe(signOf(-compareValues(b, a)))
        const [x, y, z] = [a, b, c].toSorted(compareValues)
        expect(compareValues(x, y)).toBeLessThanOrEqual(0)
        expect(compareValues(y, z)).toBeLessThanOrEqual(0)
        expect(compareValues(x, z)).toBeLessThanOrEqual(0)
      }),
      { numRuns: 3000 },
    )
  })

  it('is total over numbers of all four types', () => {
    fc.assert(
      fc.property(arbitraryNumber, arbitraryNumber, arbitraryNumber, (a, b, c) => {
        const [x, y, z] = [a, b, c].toSorted(compareValues)
        expect(compareValues(x, z)).toBeLessThanOrEqual(0)
        if (compareValues(x, y) === 0 && compareValues(y, z) === 0) expect(compareValues(x, z)).toBe(0)
        if (compareValues(x, y) < 0 || compareValues(y, z) < 0) expect(compareValues(x, z)).toBeLessThan(0)
      }),
      { numRuns: 3000 },
    )
  })
})
