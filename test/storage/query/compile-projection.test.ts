import { describe, expect, it } from 'vitest'
import { compileProjection } from '../../../storage/embedded/query/compile-projection.ts'
import { codeOf, doc, spelled } from './documents.ts'

const source = {
  _id: 1,
  a: 1,
  b: { c: 2, d: [1, 2, 3, 4] },
  e: [{ f: 1, g: 2 }, 7, [{ f: 3 }], { g: 5 }],
}

describe('a projection', () => {
  it.each<[object, object]>([
    [{}, source],
    [{ a: 1 }, { _id: 1, a: 1 }],
    [
      { b: true, a: 1 },
      { _id: 1, a: 1, b: source.b },
    ],
    [{ _id: 0, a: 1 }, { a: 1 }],
    [{ _id: 1 }, { _id: 1 }],
    [{ _id: 0 }, { a: 1, b: source.b, e: source.e }],
    [
      { a: 0, e: 0 },
      { _id: 1, b: source.b },
    ],
    [{ 'b.c': 1 }, { _id: 1, b: { c: 2 } }],
    [{ b: { c: 1 } }, { _id: 1, b: { c: 2 } }],
    [{ 'a.x': 1 }, { _id: 1 }],
    [{ 'e.f': 1 }, { _id: 1, e: [{ f: 1 }, [{ f: 3 }], {}] }],
    [{ 'e.f': 0 }, { _id: 1, a: 1, b: source.b, e: [{ g: 2 }, 7, [{}], { g: 5 }] }],
    [{ 'b.d': { $slice: 2 } }, { _id: 1, a: 1, b: { c: 2, d: [1, 2] }, e: source.e }],
    [
      { 'b.d': { $slice: -1 }, a: 1 },
      { _id: 1, a: 1, b: { d: [4] } },
    ],
    [
      { 'b.d': { $slice: [-3, 2] }, a: 0, e: 0 },
      { _id: 1, b: { c: 2, d: [2, 3] } },
    ],
    [{ e: { $elemMatch: { f: 1 } } }, { _id: 1, e: [{ f: 1, g: 2 }] }],
    [
      { e: { $elemMatch: { f: 99 } }, a: 1 },
      { _id: 1, a: 1 },
    ],
    [
      { e: { $elemMatch: { f: 1 } }, b: 0 },
      { _id: 1, a: 1, e: [{ f: 1, g: 2 }] },
    ],
    [
      { e: { $elemMatch: { f: 1 } }, 'b.d': { $slice: 1 } },
      { _id: 1, a: 1, b: { c: 2, d: [1] }, e: [{ f: 1, g: 2 }] },
    ],
    [
      { _id: 1, 'b.d': { $slice: 1 } },
      { _id: 1, b: { d: [1] } },
    ],
    [
      { _id: 0, sum: { $add: ['$a', '$b.c'] }, text: 'plain' },
      { sum: 3, text: 'plain' },
    ],
    [{ _id: 0, b: { renamed: '$a' } }, { b: { renamed: 1 } }],
  ])('%j gives %j', (spec, expected) => {
    expect(spelled(compileProjection(doc(spec))(doc(source)))).toBe(spelled(doc(expected)))
  })

  it.each<[object, object, object, object]>([
    [
      { 'x.y.a': 1 },
      { 'x.y.$': 1 },
      {
        x: {
          y: [
            { a: 1, b: 1 },
            { a: 1, b: 2 },
          ],
        },
      },
      { x: { y: [{ a: 1, b: 1 }] } },
    ],
    [{}, { 'g.$': 1 }, { x: [1] }, {}],
    [{ x: 1 }, { 'a.$': 1 }, { x: 1 }, {}],
    [{ x: { $gt: 0 } }, { 'a.b.c.$': 1 }, { x: [-1, 1], a: { b: { d: [1], f: 4 }, e: 1 } }, { a: { b: {} } }],
    [{ x: 1 }, { 'a.b.c.$': 1 }, { x: [1], a: [{ b: [[[{ c: 1, d: 2 }]]] }] }, { a: [{ b: [[[{ c: 1 }]]] }] }],
    [{ x: { $gt: 0 } }, { 'a.b.c.$': 1 }, { x: [-1, 1], a: { b: { c: 123 } } }, { a: { b: { c: 123 } } }],
    [{ 'x.z': 1 }, { 'a.b.$': 1 }, { x: { z: [0, 1] }, a: [{ b: [1] }, { b: [4] }] }, { a: [{ b: [4] }] }],
    [{ a: { $elemMatch: { $elemMatch: { $eq: 3 } } } }, { 'b.$': 1 }, { a: [[1], [3]], b: [[5], [7]] }, { b: [[7]] }],
    [{ $and: [{ a: 3 }, { a: 2 }, { a: 1 }] }, { 'b.$': 1 }, { a: [1, 2, 3], b: [4, 5, 6] }, { b: [4] }],
    [{ $or: [{ a: 2 }, { a: 3 }] }, { 'b.$': 1 }, { a: [1, 2, 3], b: [4, 5, 6] }, { b: [5] }],
  ])('positional: %j with %j of %j is %j', (filter, spec, holder, expected) => {
    expect(spelled(compileProjection(doc(spec), doc(filter))(doc(holder)))).toBe(spelled(doc(expected)))
  })

  it.each<[object, object, object, number]>([
    [{}, { 'a.$': 1 }, { a: [1] }, 51246],
    [{ b: [4, 5] }, { 'a.$': 1 }, { a: [1], b: [4, 5] }, 51246],
    [{ $or: [{ a: 1 }, { b: 5 }] }, { 'a.$': 1 }, { a: [1], b: [5] }, 51246],
    [{ a: { $not: { $elemMatch: { $eq: 100 } } } }, { 'a.$': 1 }, { a: [1] }, 51246],
    [{ a: { $size: 1 } }, { 'a.$': 1 }, { a: [1] }, 51246],
    [{ b: 5 }, { 'a.$': 1 }, { a: [1], b: [4, 5] }, 51247],
  ])('positional: %j with %j of %j is refused with %i', (filter, spec, holder, code) => {
    expect(codeOf(() => compileProjection(doc(spec), doc(filter))(doc(holder)))).toBe(code)
  })

  it.each<[object, object, object]>([
    [{ 'list.$': 1 }, { list: 5 }, { _id: 1, list: [5] }],
    [{ 'list.$': 1 }, { list: { $gt: 5 } }, { _id: 1, list: [9] }],
    [{ 'docs.$': 1, a: 1 }, { 'docs.x': 2 }, { _id: 1, a: 1, docs: [{ x: 2 }] }],
    [{ 'docs.$': 1 }, { docs: { $elemMatch: { x: 2 } } }, { _id: 1, docs: [{ x: 2 }] }],
    [{ 'in.list.$': 1 }, { 'in.list': 4 }, { _id: 1, in: { list: [4] } }],
  ])('%j with the filter %j gives %j', (spec, filter, expected) => {
    const holder = { _id: 1, a: 1, list: [1, 5, 9], docs: [{ x: 1 }, { x: 2 }], in: { list: [3, 4] } }
    expect(spelled(compileProjection(doc(spec), doc(filter))(doc(holder)))).toBe(spelled(doc(expected)))
  })

  it.each<[object, number]>([
    [{ a: 1, b: 0 }, 31254],
    [{ a: 0, b: 1 }, 31253],
    [{ a: 1, 'a.b': 1 }, 31249],
    [{ 'a.b': 1, a: 1 }, 31250],
    [{ 'a.b': { $elemMatch: {} } }, 31275],
    [{ a: { $nope: 1 } }, 31325],
    [{ a: { $rand: {} } }, 168],
    [{ a: 0, b: { $add: [1] } }, 31252],
    [{ a: 0, b: 'text' }, 31310],
    [{ 'a.$': 1, 'b.$': 1 }, 31276],
    [{ 'a.$': 1, b: { $elemMatch: {} } }, 31255],
    [{ b: { $elemMatch: {} }, 'a.$': 1 }, 31256],
    [{ 'a.$': { $slice: 1 } }, 31271],
    [{ 'a.$': 0 }, 31395],
    [{ a: { $slice: [1, 0] } }, 31259],
    [{ a: { $meta: 'textScore' } }, 2],
    [{ $a: 1 }, 16410],
    [{ 'a..b': 1 }, 15998],
  ])('%j is refused with %i', (spec, code) => {
    expect(codeOf(() => compileProjection(doc(spec)))).toBe(code)
  })

  it('says when the positional element cannot be found', () => {
    expect(codeOf(() => compileProjection(doc({ 'a.$': 1 }), doc({}))(doc({ a: [1] })))).toBe(51246)
  })
})
