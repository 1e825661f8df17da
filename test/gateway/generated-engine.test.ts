import { buildSchema } from 'graphql'
import { type Arbitrary, array, assert, boolean, constantFrom, dictionary, oneof, property, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DataObject, copyOf, mergeInto } from '../../gateway/engine/data.ts'
import { createEntityMerges } from '../../gateway/engine/entity-merge.ts'
import { createPlaces } from '../../gateway/engine/places.ts'
import { createRepresentations } from '../../gateway/engine/representation-text.ts'
import type { PlanPath, RequiredSelection } from '../../gateway/operation/query-plan.ts'

/** Response keys, among them those that every object inherits. */
const keys = ['name', 'price', 'constructor', 'toString', 'valueOf', 'inner', '__typename'] as const

const leaf: Arbitrary<unknown> = constantFrom(null, 0, 1.5, '', 'a', 'b "c"', true)
const around = (inner: Arbitrary<unknown>): Arbitrary<unknown> =>
  oneof(leaf, array(inner, { maxLength: 3 }), dictionary(constantFrom(...keys), inner, { maxKeys: 4 }))
const object: Arbitrary<DataObject> = dictionary(constantFrom(...keys), around(around(leaf)), { maxKeys: 7 })

describe('code that is generated for a plan', () => {
  it('merges entities as the loop over their keys does', () => {
    const document = `query ($r: [_Any!]!) { e: _entities(representations: $r) { ... on A { ${keys.join(' ')} } } }`
    assert(
      property(array(tuple(object, object, boolean()), { minLength: 1, maxLength: 4 }), (pairs) => {
        const merge = createEntityMerges(document)('e')
        const objects = (): DataObject[] => pairs.map(([target]) => copyOf(target))
        const entities = (): unknown[] => pairs.map(([, entity]) => copyOf(entity))
        // Some objects stand for the first entity as well.
        const indexes = pairs.map(([, , again], at) => (again ? 0 : at))
        const results = Array.from({ length: 4 }, () => {
          const standing = { objects: objects(), indexes }
          merge(standing, entities())
          return standing.objects
        })
        const expected = objects()
        for (const [at, target] of expected.entries()) {
          const entity = entities()[indexes[at] as number]
          if (typeof entity === 'object' && entity !== null && !Array.isArray(entity))
            mergeInto(target, entity as DataObject)
        }
        for (const result of results) expect(result).toEqual(expected)
      }),
    )
  })

  it('gives each object what is its own, where several stand for one entity', () => {
    const merge = createEntityMerges(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on A { inner { name } } } }',
    )('_entities')
    for (let run = 0; run < 4; run++) {
      const objects: DataObject[] = [{}, {}]
      merge({ objects, indexes: [0, 0] }, [{ inner: { name: 'a' } }])
      mergeInto(objects[0]?.['inner'] as DataObject, { more: 1 })
      expect(objects).toEqual([{ inner: { name: 'a', more: 1 } }, { inner: { name: 'a' } }])
    }
  })

  it('finds the places of a path as the walk over its steps does', () => {
    const schema = buildSchema('interface I { a: Int } type A implements I { a: Int } type Query { i: I }')
    const paths: PlanPath[] = [
      [],
      ['name'],
      ['name', '@', 'inner'],
      ['inner', { types: ['A'] }, 'name', '@'],
      ['@', 'constructor'],
    ]
    assert(
      property(object, constantFrom(...paths), (data, path) => {
        const places = createPlaces(schema, path)
        const found = Array.from({ length: 4 }, () => {
          const into: DataObject[] = []
          places.find(data, into)
          return into
        })
        const [walked, ...later] = found
        for (const again of later) expect(again).toEqual(walked)
        expect(places.findWithPaths(data).map((place) => place.object)).toEqual(walked)
      }),
    )
  })

  it('writes representations of scalars as they are written without it', () => {
    const schema = buildSchema('type A { id: ID name: String constructor: String } type Query { a: A }')
    const requires: RequiredSelection[] = [
      {
        kind: 'fragment',
        type: 'A',
        selections: ['__typename', 'name', 'constructor'].map((name) => ({
          kind: 'field',
          name,
          responseKey: name,
          arguments: {},
          selections: null,
        })),
      } as unknown as RequiredSelection,
    ]
    const representations = createRepresentations(schema, requires, null)
    const generated = representations.generate?.()
    if (!generated) throw new Error('it is a few scalars of one type')
    assert(
      property(object, object, constantFrom('A', 'B'), (left, right, type) => {
        const one: DataObject = { ...left, __typename: type }
        const other: DataObject = { ...right, __typename: type }
        expect(generated.keyOf(one, {})).toEqual(representations.keyOf(one, {}))
        expect(generated.isSame(one, other)).toBe(representations.isSame(one, other))
        if (representations.keyOf(one, {}) !== undefined) {
          expect(generated.write(one, {})).toBe(representations.write(one, {}))
        }
      }),
    )
  })
})
