import { Decimal128, Double, Int32, Long } from 'bson'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareValues } from '../../../storage/embedded/query/compare-values.ts'
import { encodeKey, indexEntries, scanPrefix } from '../../../storage/embedded/query/encode-key.ts'
import { emptyArrayKey } from '../../../storage/embedded/query/value-type.ts'
import { arbitraryNumber, arbitraryValue } from './arbitrary-values.ts'
import { codeOf, doc, signOf } from './documents.ts'

describe('index keys', () => {
  it('sort as the values do', () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryValue, arbitraryNumber), fc.oneof(arbitraryValue, arbitraryNumber), (a, b) => {
        const order = signOf(Buffer.compare(encodeKey([a], [1]), encodeKey([b], [1])))
        expect(order).toBe(signOf(compareValues(a, b)))
      }),
      { numRuns: 5000 },
    )
  })

  it('sort as tuples do, each value in its direction', () => {
    const tuple = fc.tuple(arbitraryValue, arbitraryValue)
    fc.assert(
      fc.property(tuple, tuple, (a, b) => {
        const order = compareValues(a[0], b[0]) || -compareValues(a[1], b[1])
        expect(signOf(Buffer.compare(encodeKey(a, [1, -1]), encodeKey(b, [1, -1])))).toBe(signOf(order))
      }),
      { numRuns: 3000 },
    )
  })

  it('are the same for one number in every type', () => {
    const keys = [new Int32(7), new Double(7), Long.fromNumber(7), Decimal128.fromString('7.00'), 7].map((seven) =>
      encodeKey([seven], [1]).toString('hex'),
    )
    expect(new Set(keys).size).toBe(1)
    expect(encodeKey([undefined], [1])).toEqual(encodeKey([null], [1]))
  })

  it('keep equality and stay short when values are long', () => {
    const long = 'x'.repeat(5000)
    const keys = [long, `${long}a`, `${long}b`, long].map((text) => encodeKey([text, new Int32(1)], [1, 1]))
    expect(keys.map((key) => key.length)).toEqual([1900, 1900, 1900, 1900])
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(3)
    expect(keys[0]).toEqual(keys[3])
  })

  it('start with the prefix by which they are scanned', () => {
    fc.assert(
      fc.property(arbitraryValue, fc.nat(3000), arbitraryValue, (first, length, second) => {
        const long = 'y'.repeat(length)
        const prefix = scanPrefix([first, long], [1, -1])
        expect(encodeKey([first, long, second], [1, -1, 1]).subarray(0, prefix.length)).toEqual(prefix)
      }),
      { numRuns: 500 },
    )
  })
})

describe('the entries of a document in an index', () => {
  it.each<[object, object, unknown[][]]>([
    [{ a: 1 }, { a: 1 }, [[new Int32(1)]]],
    [{}, { a: 1, b: 1 }, [[undefined, undefined]]],
    [{ a: [1, 2] }, { a: 1 }, [[new Int32(1)], [new Int32(2)]]],
    [{ a: [] }, { a: 1 }, [[emptyArrayKey]]],
    [{ a: [] }, { 'a.b': 1 }, [[undefined]]],
    [{ a: [[1, 2]] }, { a: 1 }, [[[new Int32(1), new Int32(2)]]]],
    [{ a: [{ b: 1 }, { b: [2, 3] }, 4] }, { 'a.b': 1 }, [[new Int32(1)], [new Int32(2)], [new Int32(3)], [undefined]]],
    [
      { a: [{ b: 1, c: 2 }, { b: 3 }], d: 4 },
      { 'a.b': 1, 'a.c': 1, d: 1 },
      [
        [new Int32(1), new Int32(2), new Int32(4)],
        [new Int32(3), undefined, new Int32(4)],
      ],
    ],
    [{ a: [5, 6] }, { 'a.1': 1 }, [[new Int32(6)]]],
    [{ a: [[7, 8]] }, { 'a.0': 1 }, [[[new Int32(7), new Int32(8)]]]],
    [{ a: { b: 1 } }, { a: 1 }, [[{ b: new Int32(1) }]]],
    [{ a: [{ 1: 2 }] }, { 'a.1': 1 }, [[new Int32(2)]]],
  ])('of %j under %j', (fields, pattern, entries) => {
    expect(indexEntries(doc(fields), doc(pattern))).toEqual(entries)
  })

  it('come from at most one array', () => {
    expect(codeOf(() => indexEntries(doc({ a: [1], b: [2] }), doc({ a: 1, b: 1 })))).toBe(171)
  })
})
