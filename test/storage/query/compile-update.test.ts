import { Decimal128, Double, Int32, Long, Timestamp } from 'bson'
import { describe, expect, it } from 'vitest'
import { compileUpdate, upsertSeed } from '../../../storage/embedded/query/compile-update.ts'
import { codeOf, doc, spelled } from './documents.ts'

type Case = { filter?: object; arrayFilters?: object[]; inserting?: boolean }

function updated(before: object, update: object | object[], { filter, arrayFilters, inserting = false }: Case = {}) {
  const compiled = compileUpdate(Array.isArray(update) ? update.map(doc) : doc(update), {
    ...(filter === undefined ? {} : { filter: doc(filter) }),
    ...(arrayFilters === undefined ? {} : { arrayFilters: arrayFilters.map(doc) }),
  })
  return compiled.apply(doc(before), { inserting })
}

const decimal = (text: string): Decimal128 => Decimal128.fromString(text)
const long = (text: string): Long => Long.fromString(text)

describe('operators on one value', () => {
  it.each<[object, object, object]>([
    [{ a: 1 }, { $set: { a: 2, 'b.c': 3 } }, { a: 2, b: { c: 3 } }],
    [{ z: 1 }, { $set: { c: 1, b: 2, 10: 1, 9: 2 } }, { 9: 2, 10: 1, z: 1, b: 2, c: 1 }],
    [{ a: [1, 2] }, { $set: { 'a.3': 9 } }, { a: [1, 2, null, 9] }],
    [{ a: [{ b: 1 }] }, { $set: { 'a.0.b': 2 } }, { a: [{ b: 2 }] }],
    [{ a: { b: 1, c: 2 } }, { $unset: { 'a.b': '', x: '', 'a.b2.c': '' } }, { a: { c: 2 } }],
    [{ a: [1, 2, 3] }, { $unset: { 'a.1': 1 } }, { a: [1, null, 3] }],
    [{ a: 5 }, { $unset: { 'a.b': 1 } }, { a: 5 }],
    [{ a: 1 }, { $inc: { a: 2, b: 3 } }, { a: 3, b: 3 }],
    [{ a: 2147483647 }, { $inc: { a: 1 } }, { a: long('2147483648') }],
    [{ a: long('1') }, { $inc: { a: 1 } }, { a: long('2') }],
    [{ a: 1 }, { $inc: { a: 0.5 } }, { a: 1.5 }],
    [{ a: decimal('0.1') }, { $inc: { a: new Double(0.2) } }, { a: decimal('0.300000000000000') }],
    [{ a: 1 }, { $mul: { a: 3, b: long('5') } }, { a: 3, b: long('0') }],
    [{ a: 65536 }, { $mul: { a: 65536 } }, { a: long('4294967296') }],
    [{ a: 5, b: 5 }, { $min: { a: 3, b: 7, c: 1 } }, { a: 3, b: 5, c: 1 }],
    [{ a: 5, b: 5, c: 'x' }, { $max: { a: 3, b: 7, c: 1 } }, { a: 5, b: 7, c: 'x' }],
    [{ a: 1 }, { $min: { a: 1.0 } }, { a: 1 }],
    [{ a: 0b1101 }, { $bit: { a: { and: 0b1010 }, b: { or: 6 }, c: { xor: 3 } } }, { a: 0b1000, b: 6, c: 3 }],
    [{ a: 1 }, { $bit: { a: { or: long('4294967296') } } }, { a: long('4294967297') }],
    [{ a: 1, b: 2 }, { $rename: { a: 'c', b: 'd.e', none: 'f' } }, { c: 1, d: { e: 2 } }],
    [{ a: 1, b: 2, c: 3 }, { $rename: { c: 'a' } }, { a: 3, b: 2 }],
    [{ a: 1 }, { $set: { a: long('1') } }, { a: long('1') }],
    [{ a: 1 }, { $setOnInsert: { b: 1, 'a.c': 2 } }, { a: 1 }],
    [{ a: 1 }, { $set: {} }, { a: 1 }],
    [{}, { $set: { 'author.$id': 1 } }, { author: { $id: 1 } }],
    [{ a: { $b: 1 } }, { $set: { 'a.$b': 2, 'a.$c.$d': 3 } }, { a: { $b: 2, $c: { $d: 3 } } }],
    [{ $a: 1, b: 1 }, { $set: { b: 2 } }, { $a: 1, b: 2 }],
    [{ $a: 1, b: 1 }, { $unset: { $a: 1 } }, { b: 1 }],
  ])('%j with %j gives %j', (before, update, after) => {
    expect(spelled(updated(before, update))).toBe(spelled(doc(after)))
  })

  it('sets the current date as a date or a timestamp', () => {
    const result = updated({}, { $currentDate: { a: true, b: { $type: 'timestamp' } } })
    expect(result.a).toBeInstanceOf(Date)
    expect(result.b).toBeInstanceOf(Timestamp)
  })

  it('sets on insert only when inserting', () => {
    expect(updated({ a: 1 }, { $setOnInsert: { b: 2 } }, { inserting: true })).toEqual(doc({ a: 1, b: 2 }))
  })

  it('writes fields that begin with a dollar at the top level only when inserting', () => {
    expect(updated({}, { $set: { $a: 1, '$b.c': 2 } }, { inserting: true })).toEqual(doc({ $a: 1, $b: { c: 2 } }))
    expect(codeOf(() => updated({ a: 1 }, { $set: { '$b.c': 2 } }))).toBe(52)
  })

  it('returns the same document when nothing changed, and never touches the old one', () => {
    const before = doc({ _id: 1, a: 1, b: 1, list: [1, { x: 1 }] })
    const copy = spelled(before)
    const unchanged = { $set: { a: 1 }, $max: { b: 0 }, $pull: { list: 7 }, $unset: { none: 1 } }
    expect(compileUpdate(doc(unchanged)).apply(before, { inserting: false })).toBe(before)
    expect(compileUpdate(doc({ _id: 1, a: 1, b: 1, list: [1, { x: 1 }] })).apply(before, { inserting: false })).toBe(
      before,
    )
    compileUpdate(doc({ $set: { 'list.1.x': 2 }, $push: { 'list.1.y': 1 } })).apply(before, { inserting: false })
    expect(spelled(before)).toBe(copy)
  })
})

describe('operators on arrays', () => {
  it.each<[object, object, object]>([
    [{ a: [1] }, { $push: { a: 2, b: 1 } }, { a: [1, 2], b: [1] }],
    [{ a: [1] }, { $push: { a: [2, 3] } }, { a: [1, [2, 3]] }],
    [{ a: [1, 4] }, { $push: { a: { $each: [2, 3], $position: 1 } } }, { a: [1, 2, 3, 4] }],
    [{ a: [1, 4] }, { $push: { a: { $each: [2], $position: -1 } } }, { a: [1, 2, 4] }],
    [{ a: [3, 1] }, { $push: { a: { $each: [2], $sort: 1 } } }, { a: [1, 2, 3] }],
    [{ a: [3, 1] }, { $push: { a: { $each: [2], $sort: -1, $slice: 2 } } }, { a: [3, 2] }],
    [{ a: [1, 2, 3] }, { $push: { a: { $each: [4], $slice: -2 } } }, { a: [3, 4] }],
    [{ a: [1] }, { $push: { a: { $each: [], $slice: 0 } } }, { a: [] }],
    [
      { a: [{ s: [2, 9] }, { s: [3] }] },
      { $push: { a: { $each: [], $sort: { s: -1 } } } },
      { a: [{ s: [3] }, { s: [2, 9] }] },
    ],
    [
      { a: [{ s: 2 }, { s: 1 }, 5] },
      { $push: { a: { $each: [{ s: 3 }], $sort: { s: -1 } } } },
      { a: [{ s: 3 }, { s: 2 }, { s: 1 }, 5] },
    ],
    [{ a: [1, 2] }, { $addToSet: { a: 2.0, b: 1 } }, { a: [1, 2], b: [1] }],
    [{ a: [1] }, { $addToSet: { a: { $each: [1, 2, 2, [1]] } } }, { a: [1, 2, [1]] }],
    [
      { a: [{ x: 1, y: 2 }] },
      { $addToSet: { a: { y: 2, x: 1 } } },
      {
        a: [
          { x: 1, y: 2 },
          { y: 2, x: 1 },
        ],
      },
    ],
    [{ a: [1, 5, 9, 'x'] }, { $pull: { a: { $gte: 5 } } }, { a: [1, 'x'] }],
    [{ a: [1, 5, 1] }, { $pull: { a: 1 } }, { a: [5] }],
    [{ a: [{ x: 1, y: 1 }, { x: 2 }, 7] }, { $pull: { a: { x: 1 } } }, { a: [{ x: 2 }, 7] }],
    [
      { a: [{ r: [{ q: 2 }] }, { r: [{ q: 3 }] }] },
      { $pull: { a: { r: { $elemMatch: { q: 2 } } } } },
      { a: [{ r: [{ q: 3 }] }] },
    ],
    [{ a: [1, 2, 3] }, { $pull: { a: { $in: [1, 3] }, none: 1 } }, { a: [2] }],
    [{ a: [[1], [2]] }, { $pull: { a: [1] } }, { a: [[2]] }],
    [{ a: [{ x: 1 }, { x: 2 }, 3] }, { $pull: { a: { $or: [{ x: 2 }, { x: 9 }] } } }, { a: [{ x: 1 }, 3] }],
    [{ a: [1, 2, 1, 3] }, { $pullAll: { a: [1, 3], none: [1] } }, { a: [2] }],
    [{ a: [1, 2, 3], b: [1, 2], c: [] }, { $pop: { a: 1, b: -1, c: 1, none: 1 } }, { a: [1, 2], b: [2], c: [] }],
  ])('%j with %j gives %j', (before, update, after) => {
    expect(spelled(updated(before, update))).toBe(spelled(doc(after)))
  })
})

describe('positional paths', () => {
  it.each<[object, object, Case, object]>([
    [{ a: [1, 5, 9] }, { $set: { 'a.$': 0 } }, { filter: { a: 5 } }, { a: [1, 0, 9] }],
    [
      { a: [{ x: 1 }, { x: 2 }] },
      { $set: { 'a.$.y': 0 } },
      { filter: { 'a.x': 2 } },
      { a: [{ x: 1 }, { x: 2, y: 0 }] },
    ],
    [
      { a: [{ x: 1 }, { x: 2 }] },
      { $inc: { 'a.$.x': 5 } },
      { filter: { a: { $elemMatch: { x: { $gt: 1 } } } } },
      { a: [{ x: 1 }, { x: 7 }] },
    ],
    [
      { _id: 1, a: [1, 2] },
      { $unset: { 'a.$': 1 } },
      { filter: { _id: 1, $and: [{ a: { $gte: 2 } }] } },
      { _id: 1, a: [1, null] },
    ],
    [{ a: [1, 2] }, { $inc: { 'a.$[]': 10 } }, {}, { a: [11, 12] }],
    [{ a: [1, 2], b: [3, 4] }, { $set: { 'a.$': 5 } }, { filter: { b: 4, a: 1 } }, { a: [1, 5], b: [3, 4] }],
    [{ a: [{ b: [0, 1] }] }, { $set: { 'a.0.b.$': 2 } }, { filter: { 'a.0.b': 1 } }, { a: [{ b: [0, 2] }] }],
    [{ a: [{ b: [1, 2] }, { b: [3] }] }, { $mul: { 'a.$[].b.$[]': 2 } }, {}, { a: [{ b: [2, 4] }, { b: [6] }] }],
    [{ a: [1, 5, 9] }, { $set: { 'a.$[big]': 0 } }, { arrayFilters: [{ big: { $gte: 5 } }] }, { a: [1, 0, 0] }],
    [
      {
        a: [
          { x: 1, n: [1] },
          { x: 2, n: [1, 2] },
        ],
      },
      { $set: { 'a.$[e].n.$[two]': 0 } },
      { arrayFilters: [{ 'e.x': 2 }, { two: 2 }] },
      {
        a: [
          { x: 1, n: [1] },
          { x: 2, n: [1, 0] },
        ],
      },
    ],
    [{ a: [1] }, { $set: { 'a.$[e]': 0 } }, { arrayFilters: [{ e: 99 }] }, { a: [1] }],
    [
      { a: [{ x: 1, y: 1 }] },
      { $set: { 'a.$[e].y': 0 } },
      { arrayFilters: [{ $or: [{ 'e.x': 1 }, { 'e.x': 2 }] }] },
      { a: [{ x: 1, y: 0 }] },
    ],
  ])('%j with %j and %j gives %j', (before, update, options, after) => {
    expect(spelled(updated(before, update, options))).toBe(spelled(doc(after)))
  })

  it.each<[object, object, Case, number]>([
    [{ a: [1] }, { $set: { 'a.$': 0 } }, { filter: {} }, 2],
    [{ a: 1 }, { $set: { 'a.$[]': 0 } }, {}, 2],
    [{}, { $set: { 'a.$[]': 0 } }, {}, 2],
    [{ a: [1] }, { $set: { 'a.$[e]': 0 } }, {}, 2],
    [{ a: [1] }, { $set: { a: 1 } }, { arrayFilters: [{ e: 1 }] }, 9],
    [{ a: [1] }, { $set: { 'a.$[e]': 1 } }, { arrayFilters: [{ e: 1 }, { e: 2 }] }, 9],
    [{ a: [1] }, { $set: { 'a.$[E]': 1 } }, { arrayFilters: [{ E: 1 }] }, 2],
    [{ a: [1] }, { $set: { 'a.$[e]': 1 } }, { arrayFilters: [{ e: 1, f: 2 }] }, 9],
    [{ a: [{ b: [1] }] }, { $set: { 'a.$.b.$': 0 } }, { filter: { 'a.b': 1 } }, 2],
    [{ a: [1] }, { $set: { $: 0 } }, { filter: { a: 1 } }, 2],
    [{ a: [1, 2] }, { $set: { 'a.$[]': 0, 'a.1': 5 } }, {}, 40],
    [{ a: [1, 2] }, { $set: { 'a.$[e]': 0, 'a.$[f]': 5 } }, { arrayFilters: [{ e: 1 }, { f: { $lt: 5 } }] }, 40],
  ])('%j with %j and %j is refused with %5$i', (before, update, options, code) => {
    expect(codeOf(() => updated(before, update, options))).toBe(code)
  })
})

it('refuses to go into one array both by filter and by place', () => {
  const arrayFilters = [{ e: 1 }]
  for (const update of [{ $set: { 'a.0': 1, 'a.$[e]': 2 } }, { $inc: { 'a.$[].x': 1 }, $set: { 'a.b': 1 } }]) {
    const filters = Object.keys(update).length === 1 ? { arrayFilters } : {}
    expect(codeOf(() => updated({ a: [1] }, update, filters))).toBe(40)
  }
  expect(
    updated({ a: [1, 3] }, { $set: { 'a.$[e]': 2 }, $inc: { 'a.$[f]': 1 } }, { arrayFilters: [{ e: 1 }, { f: 3 }] }),
  ).toEqual(doc({ a: [2, 4] }))
})

describe('a wrong update', () => {
  it.each<[object, object, number]>([
    [{ a: 'x' }, { $inc: { a: 1 } }, 14],
    [{ a: null }, { $inc: { a: 1 } }, 14],
    [{ a: 1 }, { $inc: { a: 'x' } }, 14],
    [{ a: long('9223372036854775807') }, { $inc: { a: 1 } }, 2],
    [{ a: 'x' }, { $mul: { a: 1 } }, 14],
    [{ a: 1 }, { $set: { 'a.b': 1 } }, 28],
    [{ a: [1] }, { $set: { 'a.b': 1 } }, 28],
    [{ a: null }, { $push: { 'a.b': 1 } }, 28],
    [{ a: 1 }, { $push: { a: 1 } }, 2],
    [{ a: 1 }, { $addToSet: { a: 1 } }, 2],
    [{ a: 1 }, { $pull: { a: 1 } }, 2],
    [{ a: 1 }, { $pullAll: { a: [1] } }, 2],
    [{ a: 1 }, { $pop: { a: 1 } }, 14],
    [{ a: [1] }, { $pop: { a: 2 } }, 9],
    [{ a: [1] }, { $pullAll: { a: 1 } }, 2],
    [{ a: [1] }, { $push: { a: { $each: 1 } } }, 2],
    [{ a: [1] }, { $push: { a: { $each: [], $nope: 1 } } }, 2],
    [{ a: [1] }, { $addToSet: { a: { $each: [], x: 1 } } }, 2],
    [{ a: 1.5 }, { $bit: { a: { and: 1 } } }, 2],
    [{}, { $bit: { a: { nand: 1 } } }, 2],
    [{}, { $currentDate: { a: 'x' } }, 2],
    [{ a: 1 }, { $rename: { a: 'a' } }, 2],
    [{ a: 1 }, { $rename: { a: 'a.b' } }, 2],
    [{ a: 1 }, { $rename: { 'a.b': 'c' } }, 28],
    [{ a: 5 }, { $pull: { 'a.b': 1 } }, 28],
    [{ a: [{ b: [1] }] }, { $pull: { 'a.b': 1 } }, 28],
    [{ a: 5 }, { $pop: { 'a.b': 1 } }, 28],
    [{ a: [1] }, { $set: { 'a.2000000': 1 } }, 51],
    [{ _id: 1 }, { $set: { _id: long('1') } }, 66],
    [{}, { $set: { a: 1 }, $inc: { a: 1 } }, 40],
    [{}, { $set: { 'a.b': 1 }, $unset: { a: 1 } }, 40],
    [{}, { $set: { a: 1, 'a.b': 1 } }, 40],
    [{ a: 1 }, { $rename: { a: 'b' }, $set: { b: 1 } }, 40],
    [{}, { $nope: { a: 1 } }, 9],
    [{}, { $set: { a: 1 }, b: 1 }, 9],
    [{}, { a: 1, $set: { b: 1 } }, 52],
    [{}, { $set: 1 }, 9],
    [{}, { $set: { '': 1 } }, 56],
    [{}, { $set: { 'a.': 1 } }, 56],
    [{}, { $set: { $id: 1 } }, 52],
    [{ a: 1 }, { $inc: { $n: 1 } }, 52],
    [{}, { $set: { _id: [1] } }, 53],
    [{ _id: 1 }, { $set: { _id: 2 } }, 66],
    [{ _id: 1 }, { $unset: { _id: 1 } }, 66],
    [{ _id: { a: 1 } }, { $set: { '_id.a': 2 } }, 66],
    [{ _id: 1 }, { _id: 2, a: 1 }, 66],
  ])('%j with %j is refused with %i', (before, update, code) => {
    expect(codeOf(() => updated(before, update))).toBe(code)
  })
})

describe('a replacement', () => {
  it.each<[object, object, object]>([
    [{ _id: 1, a: 1 }, { b: 2 }, { _id: 1, b: 2 }],
    [
      { _id: 1, a: 1 },
      { b: 2, _id: 1 },
      { _id: 1, b: 2 },
    ],
    [{ _id: 1, a: 1 }, {}, { _id: 1 }],
  ])('of %j by %j gives %j', (before, replacement, after) => {
    expect(spelled(updated(before, replacement))).toBe(spelled(doc(after)))
  })

  it('takes from the seed of an upsert nothing but the _id', () => {
    expect(updated({ _id: 7, x: 1 }, { a: 1 }, { inserting: true })).toEqual(doc({ _id: 7, a: 1 }))
  })
})

describe('a pipeline', () => {
  it('updates through the stages that turn one document into one', () => {
    const stages = [{ $set: { total: { $add: ['$a', 1] } } }, { $unset: 'a' }, { $replaceWith: { sum: '$total' } }]
    expect(spelled(updated({ _id: 1, a: 1 }, stages))).toBe(spelled(doc({ _id: 1, sum: 2 })))
  })

  it('refuses other stages, array filters and another _id', () => {
    expect(codeOf(() => updated({}, [{ $match: {} }]))).toBe(72)
    expect(codeOf(() => updated({}, [{ $set: { a: 1 } }], { arrayFilters: [{ e: 1 }] }))).toBe(9)
    expect(codeOf(() => updated({ _id: 1 }, [{ $set: { _id: 2 } }]))).toBe(66)
  })
})

describe('the seed of an upsert', () => {
  it.each<[object, object]>([
    [
      { a: 1, 'b.c': 'x', d: { $gt: 5 }, e: { $eq: 2 } },
      { a: 1, b: { c: 'x' }, e: 2 },
    ],
    [
      { $and: [{ a: 1 }, { b: 2 }], $or: [{ c: 3 }] },
      { a: 1, b: 2, c: 3 },
    ],
    [{ $or: [{ a: 1 }, { b: 2 }], a: { $in: [1, 2] } }, {}],
    [
      { b: 1, 'a.c': 2 },
      { a: { c: 2 }, b: 1 },
    ],
    [
      { a: { $in: [4] }, b: { $all: [5] } },
      { a: 4, b: 5 },
    ],
    [
      { a: { b: 1 }, _id: { x: 1 } },
      { _id: { x: 1 }, a: { b: 1 } },
    ],
  ])('for %j is %j', (filter, seed) => {
    expect(spelled(upsertSeed(doc(filter)))).toBe(spelled(doc(seed)))
  })

  it('is refused where two conditions name one field', () => {
    expect(codeOf(() => upsertSeed(doc({ $and: [{ a: 1 }, { a: 2 }] })))).toBe(54)
    expect(codeOf(() => upsertSeed(doc({ a: { b: 1 }, 'a.b': 1 })))).toBe(54)
    expect(codeOf(() => upsertSeed(doc({ a: { $all: [1, 2] } })))).toBe(54)
    expect(codeOf(() => upsertSeed(doc({ $expr: true })))).toBe(224)
  })
})

it('leaves numbers that the operand makes wider in the wider type', () => {
  const result = updated({ a: new Int32(1), b: new Int32(1) }, { $inc: { a: long('1'), b: decimal('1.5') } })
  expect(spelled(result)).toBe(spelled({ a: long('2'), b: decimal('2.5') }))
})
