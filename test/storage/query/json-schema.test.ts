import { Decimal128, Int32, Long } from 'bson'
import { expect, it, test } from 'vitest'
import { compileFilter } from '../../../storage/embedded/query/compile-filter.ts'
import { codeOf, doc } from './documents.ts'

function valid(fields: object, schema: object): boolean {
  return compileFilter(doc({ $jsonSchema: schema }))(doc(fields))
}

const one = (schema: object): object => ({ properties: { a: schema } })

it.each<[object, object[], object[]]>([
  [one({ bsonType: 'int' }), [{ a: 1 }, {}], [{ a: 1.5 }, { a: Long.fromNumber(1) }, { a: null }]],
  [one({ bsonType: ['number', 'null'] }), [{ a: 1 }, { a: null }, { a: Decimal128.fromString('1') }], [{ a: '1' }]],
  [one({ type: 'boolean' }), [{ a: true }], [{ a: 0 }]],
  [{ required: ['a'] }, [{ a: null }], [{}, { b: 1 }]],
  [one({ required: ['b'] }), [{ a: { b: 1 } }, { a: 1 }, {}], [{ a: {} }]],
  [one({ enum: [1, 'x', { b: 1, c: 2 }] }), [{ a: 1 }, { a: { c: 2, b: 1 } }], [{ a: 2 }, { a: { b: 1 } }]],
  [one({ minimum: 1, maximum: 3, exclusiveMaximum: true }), [{ a: 1 }, { a: 2.9 }, { a: 'x' }], [{ a: 3 }, { a: 0 }]],
  [one({ multipleOf: 0.1 }), [{ a: 0.3 }, { a: 2 }, { a: Decimal128.fromString('0.7') }], [{ a: 0.35 }]],
  [one({ minLength: 2, maxLength: 3 }), [{ a: 'ab' }, { a: '😀😀' }, { a: 1 }], [{ a: 'a' }, { a: 'abcd' }]],
  [one({ pattern: '^a.c$' }), [{ a: 'abc' }, { a: 1 }], [{ a: 'abd' }]],
  [one({ items: { bsonType: 'int' } }), [{ a: [1, 2] }, { a: [] }, { a: 'x' }], [{ a: [1, 'x'] }]],
  [
    one({ items: [{ bsonType: 'int' }], additionalItems: { bsonType: 'string' } }),
    [{ a: [1, 'x', 'y'] }, { a: [] }],
    [{ a: ['x'] }, { a: [1, 2] }],
  ],
  [one({ minItems: 1, maxItems: 2, uniqueItems: true }), [{ a: [1, 2] }], [{ a: [] }, { a: [1, 2, 3] }, { a: [1, 1] }]],
  [
    one({ uniqueItems: true }),
    [{ a: [{ b: 1 }, { b: 2 }] }],
    [
      {
        a: [
          { b: 1, c: 1 },
          { c: 1, b: 1 },
        ],
      },
    ],
  ],
  [{ properties: { a: {} }, additionalProperties: false }, [{ a: 1 }, {}], [{ a: 1, b: 1 }]],
  [
    { patternProperties: { '^n': { bsonType: 'int' } }, additionalProperties: false },
    [{ n1: 1 }],
    [{ n1: 'x' }, { x: 1 }],
  ],
  [{ minProperties: 1, maxProperties: 2 }, [{ a: 1 }], [{}, { a: 1, b: 1, c: 1 }]],
  [{ dependencies: { a: ['b'], c: { required: ['d'] } } }, [{ b: 1 }, { a: 1, b: 1 }], [{ a: 1 }, { c: 1 }]],
  [one({ anyOf: [{ bsonType: 'int' }, { minLength: 2 }] }), [{ a: 1 }, { a: 'xx' }], [{ a: 'x' }]],
  [one({ allOf: [{ minimum: 1 }, { maximum: 2 }] }), [{ a: 1 }], [{ a: 3 }]],
  [one({ oneOf: [{ minimum: 1 }, { maximum: 2 }] }), [{ a: 5 }, { a: 0 }], [{ a: 1 }]],
  [one({ not: { bsonType: 'int' } }), [{ a: 'x' }, {}], [{ a: 1 }]],
  [{ bsonType: 'object', title: 't', description: 'd' }, [{}], []],
  [{ type: 'string' }, [], [{}]],
])('%j takes %j and not %j', (schema, good, bad) => {
  for (const fields of good) expect(valid(fields, schema)).toBe(true)
  for (const fields of bad) expect(valid(fields, schema)).toBe(false)
})

test('a malformed schema is an error', () => {
  const cases: [unknown, number][] = [
    [1, 14],
    [{ properties: 1 }, 14],
    [{ properties: { a: 1 } }, 14],
    [{ required: [] }, 9],
    [{ required: ['a', 'a'] }, 9],
    [{ type: 'integer' }, 9],
    [{ type: 'int' }, 2],
    [{ type: 'string', bsonType: 'string' }, 9],
    [{ exclusiveMinimum: true }, 9],
    [{ minLength: -1 }, 9],
    [{ minLength: 'x' }, 14],
    [{ enum: [] }, 9],
    [{ enum: [1, new Int32(1)] }, 9],
    [{ multipleOf: 0 }, 9],
    [{ $ref: '#' }, 9],
    [{ nope: 1 }, 9],
  ]
  for (const [schema, code] of cases) expect(codeOf(() => compileFilter(doc({ $jsonSchema: schema })))).toBe(code)
})
