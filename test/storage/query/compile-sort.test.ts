import { describe, expect, it } from 'vitest'
import { compileSort } from '../../../storage/embedded/query/compile-sort.ts'
import { codeOf, doc } from './documents.ts'

function sorted(docs: Record<string, object>, spec: object): string[] {
  const compare = compileSort(doc(spec))
  const read = Object.entries(docs).map(([name, fields]) => ({ name, doc: doc(fields) }))
  return read.toSorted((a, b) => compare(a.doc, b.doc)).map(({ name }) => name)
}

describe('a sort', () => {
  it.each<[object, Record<string, object>, string[]]>([
    [
      { a: 1 },
      { two: { a: 2 }, missing: {}, one: { a: 1.5 }, text: { a: 'x' }, null: { a: null } },
      ['missing', 'null', 'one', 'two', 'text'],
    ],
    [{ a: -1 }, { one: { a: 1 }, missing: {}, text: { a: 'x' } }, ['text', 'one', 'missing']],
    [{ a: 1, b: -1 }, { x: { a: 1, b: 1 }, y: { a: 1, b: 2 }, z: { a: 0 } }, ['z', 'y', 'x']],
    [
      { a: 1 },
      { wide: { a: [1, 9] }, mid: { a: 5 }, empty: { a: [] }, missing: {} },
      ['empty', 'missing', 'wide', 'mid'],
    ],
    [
      { a: -1 },
      { mid: { a: 5 }, wide: { a: [1, 9] }, empty: { a: [] }, missing: {} },
      ['wide', 'mid', 'missing', 'empty'],
    ],
    [
      { 'a.b': 1 },
      { docs: { a: [{ b: 3 }, { b: 1 }] }, two: { a: { b: 2 } }, scalar: { a: 7 } },
      ['scalar', 'docs', 'two'],
    ],
    [
      { 'a.b': 1, 'a.c': 1 },
      {
        x: {
          a: [
            { b: 1, c: 9 },
            { b: 2, c: 0 },
          ],
        },
        y: { a: [{ b: 1, c: 5 }] },
      },
      ['y', 'x'],
    ],
  ])('by %j orders %j', (spec, docs, names) => {
    expect(sorted(docs, spec)).toEqual(names)
  })

  it('keeps documents that are equal in their order', () => {
    expect(sorted({ a: { x: 1 }, b: { x: 1 }, c: { x: 1 } }, { x: 1 })).toEqual(['a', 'b', 'c'])
  })

  it.each([[{ a: 0 }], [{ a: 'up' }], [{ a: { $meta: 'textScore' } }], [{ '': 1 }]])('by %j is refused', (spec) => {
    expect(codeOf(() => compileSort(doc(spec)))).toBe(2)
  })

  it('refuses two arrays side by side', () => {
    const compare = compileSort(doc({ a: 1, b: 1 }))
    expect(codeOf(() => compare(doc({ a: [1], b: [1] }), doc({ a: 1, b: 1 })))).toBe(2)
  })
})
