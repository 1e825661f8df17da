import { Decimal128, Double, Long } from 'bson'
import { describe, expect, it } from 'vitest'
import { compileUpdate } from '../../../storage/embedded/query/compile-update.ts'
import { codeOf, doc, spelled } from './documents.ts'

type Case = { filter?: object; arrayFilters?: object[] }

function updated(before: object, update: object, { filter, arrayFilters }: Case = {}) {
  const options = {
    ...(filter === undefined ? {} : { filter: doc(filter) }),
    ...(arrayFilters === undefined ? {} : { arrayFilters: arrayFilters.map(doc) }),
  }
  return compileUpdate(doc(update), options).apply(doc(before), { inserting: false })
}

const decimal = (text: string): Decimal128 => Decimal128.fromString(text)

// Found by the random updates of update-model.test.ts.
describe('corners of updates', () => {
  it.each<[string, object, object, Case, object]>([
    [
      'array filters look at elements as they were before',
      { a: [1] },
      { $set: { 'a.$[e]': 0, 'a.$[f]': 5 } },
      { arrayFilters: [{ e: 1 }, { f: 0 }] },
      { a: [0] },
    ],
    ['a rename of an element that is not there does nothing', { a: [1] }, { $rename: { 'a.3': 'b' } }, {}, { a: [1] }],
    ['a product of decimals keeps the sign of zero', {}, { $mul: { a: decimal('-5') } }, {}, { a: decimal('-0') }],
    ['an equal number of the same type stays', { a: decimal('2E+1') }, { $inc: { a: 0 } }, {}, { a: decimal('2E+1') }],
    ['zero keeps its sign', { a: new Double(0) }, { $mul: { a: -1 } }, {}, { a: new Double(0) }],
    ['an equal number of a wider type replaces', { a: 3 }, { $inc: { a: Long.ZERO } }, {}, { a: Long.fromNumber(3) }],
  ])('%s', (_name, before, update, options, after) => {
    expect(spelled(updated(before, update, options))).toBe(spelled(doc(after)))
  })

  it.each<[object, object, Case, number]>([
    [{ b: null }, { $unset: { 'b.x.$[]': 1 } }, {}, 2],
    [{}, { $pop: { 'b.x.$[]': 1 } }, {}, 2],
    [{ b: 5 }, { $set: { 'b.x.$[]': 1 } }, {}, 2],
    [{ b: [1] }, { $set: { 'b.x.$[]': 1 } }, {}, 2],
    [{}, { $pull: { 'b.x.$': 1 } }, { filter: { b: null } }, 2],
    [{ a: [{ b: 1 }] }, { $rename: { 'a.0.b': 'c' } }, {}, 2],
    [{ a: [{ b: 1 }], c: 1 }, { $rename: { c: 'a.b' } }, {}, 2],
    [{ a: [1], c: 1 }, { $rename: { c: 'a.5' } }, {}, 2],
    [{ a: [{ b: 1 }] }, { $rename: { 'a.b': 'c' } }, {}, 28],
  ])('%j with %j and %j is refused with %i', (before, update, options, code) => {
    expect(codeOf(() => updated(before, update, options))).toBe(code)
  })
})
