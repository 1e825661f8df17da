import { Binary, BSONRegExp, Decimal128, Double, Long, MaxKey, MinKey, ObjectId } from 'bson'
import { describe, expect, it } from 'vitest'
import { compileFilter } from '../../../storage/embedded/query/compile-filter.ts'
import { codeOf, doc } from './documents.ts'

/** The names of the documents that a filter finds. */
function found(docs: Record<string, object>, filter: object): string[] {
  const matches = compileFilter(doc(filter))
  return Object.keys(docs).filter((name) => matches(doc(docs[name] as object)))
}

const nulls = {
  empty_subobject: { a: {} },
  null: { a: null },
  number: { a: 4 },
  b_not_null: { a: { b: 'hi' } },
  b_null: { a: { b: null } },
  no_a: {},
  double_array: { a: [[]] },
  empty_array: { a: [] },
  objects_all_null: { a: [{ b: null }, {}] },
  objects_no_null: { a: [{ b: 1 }, { b: 'x' }] },
  objects_some_null: { a: [{ b: null }, { b: 3 }] },
  objects_some_missing: { a: [{ b: 3 }, {}] },
  values_null: { a: [null, null] },
  values_no_null: { a: [1, 'string', 4] },
  values_with_null: { a: [1, null] },
}

describe('null in filters', () => {
  it.each<[object, string[]]>([
    [{ a: null }, ['null', 'no_a', 'values_null', 'values_with_null']],
    [{ a: { $in: [null, 75] } }, ['null', 'no_a', 'values_null', 'values_with_null']],
    [{ a: { $gte: null } }, ['null', 'no_a', 'values_null', 'values_with_null']],
    [{ a: { $gt: null } }, []],
    [{ a: { $exists: false } }, ['no_a']],
    [
      { 'a.b': null },
      [
        'empty_subobject',
        'null',
        'number',
        'b_null',
        'no_a',
        'objects_all_null',
        'objects_some_null',
        'objects_some_missing',
      ],
    ],
    [
      { 'a.b': { $ne: null } },
      [
        'b_not_null',
        'double_array',
        'empty_array',
        'objects_no_null',
        'values_null',
        'values_no_null',
        'values_with_null',
      ],
    ],
    [
      { 'a.b': { $exists: false } },
      [
        'empty_subobject',
        'null',
        'number',
        'no_a',
        'double_array',
        'empty_array',
        'values_null',
        'values_no_null',
        'values_with_null',
      ],
    ],
    [{ a: { $elemMatch: { $eq: null } } }, ['values_null', 'values_with_null']],
    [
      { a: { $elemMatch: { b: null } } },
      ['double_array', 'objects_all_null', 'objects_some_null', 'objects_some_missing'],
    ],
    [{ a: { $elemMatch: { b: { $ne: null } } } }, ['objects_no_null', 'objects_some_null', 'objects_some_missing']],
  ])('%j finds %j', (filter, names) => {
    expect(found(nulls, filter)).toEqual(names)
  })
})

const arrays = {
  scalar: { a: 5 },
  list: { a: [1, 5, 9] },
  nested: { a: [[5], 7] },
  docs: {
    a: [
      { b: 1, c: 2 },
      { b: 5, c: 6 },
    ],
  },
  deep: { a: [{ b: [3, 5] }, { b: [] }] },
  keyed: { a: [{ 0: 'in document' }, 'second'] },
  none: { x: 1 },
}

describe('arrays in filters', () => {
  it.each<[object, string[]]>([
    [{ a: 5 }, ['scalar', 'list']],
    [{ a: [5] }, ['nested']],
    [{ a: [1, 5, 9] }, ['list']],
    [{ a: { $ne: 5 } }, ['nested', 'docs', 'deep', 'keyed', 'none']],
    [{ a: { $nin: [5, 7] } }, ['docs', 'deep', 'keyed', 'none']],
    [{ a: { $gt: 5 } }, ['list', 'nested']],
    [{ a: { $gt: 2, $lt: 3 } }, ['list']],
    [{ a: { $elemMatch: { $gt: 2, $lt: 3 } } }, []],
    [{ a: { $gt: 6, $lt: 3 } }, ['list']],
    [{ a: { $elemMatch: { $gt: 3, $lt: 6 } } }, ['list']],
    [{ 'a.b': 5 }, ['docs', 'deep']],
    [{ 'a.b': { $gt: 4 }, 'a.c': 2 }, ['docs']],
    [{ a: { $elemMatch: { b: 5, c: 2 } } }, []],
    [{ a: { $elemMatch: { b: 5, c: 6 } } }, ['docs']],
    [{ 'a.1': 5 }, ['list']],
    [{ 'a.1': 'second' }, ['keyed']],
    [{ 'a.0': 'in document' }, ['keyed']],
    [{ 'a.0.b': 1 }, ['docs']],
    [{ 'a.0.b': 5 }, ['deep']],
    [{ 'a.0.0': 5 }, ['nested']],
    [{ 'a.01': 5 }, []],
    [{ a: { $size: 2 } }, ['nested', 'docs', 'deep', 'keyed']],
    [{ 'a.b': { $size: 0 } }, ['deep']],
    [{ a: { $all: [1, 9] } }, ['list']],
    [{ a: { $all: [5] } }, ['scalar', 'list']],
    [{ a: { $all: [[5]] } }, ['nested']],
    [{ a: { $all: [] } }, []],
    [{ a: { $all: [{ $elemMatch: { b: 1 } }, { $elemMatch: { c: 6 } }] } }, ['docs']],
    [{ a: { $elemMatch: { 0: 5 } } }, ['nested']],
    [{ a: { $elemMatch: { $id: 5, $ref: 'x' } } }, []],
    [{ a: { $elemMatch: { $elemMatch: { $eq: 5 } } } }, ['nested']],
    [{ a: { $type: 'array' } }, ['list', 'nested', 'docs', 'deep', 'keyed']],
    [{ a: { $type: ['object', 'string'] } }, ['docs', 'deep', 'keyed']],
    [{ a: { $not: { $gt: 5 } } }, ['scalar', 'docs', 'deep', 'keyed', 'none']],
    [{ a: { $mod: [4, 1] } }, ['scalar', 'list']],
  ])('%j finds %j', (filter, names) => {
    expect(found(arrays, filter)).toEqual(names)
  })
})

const types = {
  int: { a: 1 },
  double: { a: new Double(1.5) },
  long: { a: Long.fromString('9007199254740993') },
  decimal: { a: Decimal128.fromString('1.50') },
  nan: { a: Number.NaN },
  string: { a: 'Abc\n' },
  object: { a: { b: 1, c: 2 } },
  bool: { a: true },
  date: { a: new Date(5) },
  id: { a: new ObjectId('0123456789abcdef01234567') },
  bytes: { a: new Binary(Buffer.from([0b101])) },
  regex: { a: new BSONRegExp('^x', 'i') },
  min: { a: new MinKey() },
}

describe('types in filters', () => {
  it.each<[object, string[]]>([
    [{ a: new Double(1) }, ['int']],
    [{ a: 1.5 }, ['double', 'decimal']],
    [{ a: 9007199254740992 }, []],
    [{ a: { $gt: 1 } }, ['double', 'long', 'decimal']],
    [{ a: { $gte: Number.NaN } }, ['nan']],
    [{ a: { $lt: 5 } }, ['int', 'double', 'decimal']],
    [{ a: { $lt: 'B' } }, ['string']],
    [{ a: { $lte: new Date(5) } }, ['date']],
    [{ a: { $gt: new MinKey() } }, Object.keys(types).filter((name) => name !== 'min')],
    [{ a: { $lt: new MaxKey() } }, Object.keys(types)],
    [{ a: { b: 1, c: 2 } }, ['object']],
    [{ a: { c: 2, b: 1 } }, []],
    [{ a: new ObjectId('0123456789abcdef01234567') }, ['id']],
    [{ a: new BSONRegExp('^a', 'i') }, ['string']],
    [{ a: new BSONRegExp('^x', 'i') }, ['regex']],
    [{ a: { $eq: new BSONRegExp('^a', 'i') } }, []],
    [{ a: { $regex: '^A', $options: 'm' } }, ['string']],
    [{ a: { $regex: 'c$' } }, ['string']],
    [{ a: { $in: [new BSONRegExp('^A'), true] } }, ['string', 'bool']],
    [{ a: { $not: new BSONRegExp('^A') } }, Object.keys(types).filter((name) => name !== 'string')],
    [{ a: { $type: 'number' } }, ['int', 'double', 'long', 'decimal', 'nan']],
    [{ a: { $type: [2, 'bool'] } }, ['string', 'bool']],
    [{ a: { $type: -1 } }, ['min']],
    [{ a: { $bitsAllSet: [0, 2] } }, ['bytes']],
    [{ a: { $bitsAnySet: 1 } }, ['int', 'long', 'bytes']],
    [{ a: { $bitsAllClear: 2 } }, ['int', 'long', 'bytes']],
    [{ a: { $exists: true, $ne: 1 } }, Object.keys(types).filter((name) => name !== 'int')],
    [{ a: { $mod: [2, 1] } }, ['int', 'double', 'long', 'decimal']],
    [{ $expr: { $gt: ['$a', { $literal: true }] } }, ['date', 'regex']],
    [{ $or: [{ a: true }, { a: 1 }], $nor: [{ a: 1 }] }, ['bool']],
    [{ $and: [{ a: { $gt: 0 } }, { a: { $lt: 1.5 } }], $comment: 'ignored' }, ['int']],
    [{}, Object.keys(types)],
  ])('%j finds %j', (filter, names) => {
    expect(found(types, filter)).toEqual(names)
  })

  it('finds a value in a long list of mixed types', () => {
    const many = Array.from({ length: 50 }, (_, index) => new ObjectId(index.toString(16).padStart(24, '0')))
    const last = many.at(-1)
    expect(
      found({ hit: { a: last }, number: { a: 3 }, miss: { a: new ObjectId() } }, { a: { $in: [...many, 3.0] } }),
    ).toEqual(['hit', 'number'])
  })

  it('treats names of Object.prototype as fields', () => {
    const docs = { plain: {}, own: JSON.parse('{"constructor":1,"__proto__":{"a":1}}') as object }
    expect(found(docs, { constructor: { $exists: true } })).toEqual(['own'])
    expect(found(docs, JSON.parse('{"__proto__.a":1}') as object)).toEqual(['own'])
    expect(found(docs, { toString: null })).toEqual(['plain', 'own'])
  })
})

describe('a malformed or unsupported filter', () => {
  it.each<[object]>([
    [{ $where: 'true' }],
    [{ $text: { $search: 'x' } }],

    [{ a: { $geoWithin: {} } }],
    [{ $nope: 1 }],
    [{ a: { $nope: 1 } }],
    [{ a: { $gt: 1, b: 2 } }],
    [{ $or: [] }],
    [{ $and: {} }],
    [{ $nor: [1] }],
    [{ a: { $in: 1 } }],
    [{ a: { $in: [{ $gt: 1 }] } }],
    [{ a: { $ne: new BSONRegExp('x') } }],
    [{ a: { $gt: new BSONRegExp('x') } }],
    [{ a: { $not: 1 } }],
    [{ a: { $not: {} } }],
    [{ a: { $size: -1 } }],
    [{ a: { $mod: [0, 1] } }],
    [{ a: { $mod: [1] } }],
    [{ a: { $elemMatch: 1 } }],
    [{ a: { $all: 1 } }],
    [{ a: { $type: 'nope' } }],
    [{ a: { $options: 'i' } }],
    [{ a: { $bitsAllSet: -1 } }],
  ])('%j is refused with BadValue', (filter) => {
    expect(codeOf(() => compileFilter(doc(filter)))).toBe(2)
  })

  it('has its own codes for regular expressions', () => {
    expect(codeOf(() => compileFilter(doc({ a: { $regex: '(' } })))).toBe(51091)
    expect(codeOf(() => compileFilter(doc({ a: { $regex: 'a', $options: 'q' } })))).toBe(51108)
    expect(codeOf(() => compileFilter(doc({ a: { $regex: new BSONRegExp('a', 'i'), $options: 'm' } })))).toBe(51075)
  })

  it('may hold expressions at its top only', () => {
    expect(codeOf(() => compileFilter(doc({ $or: [{ $expr: true }] })))).toBeUndefined()
    expect(codeOf(() => compileFilter(doc({ a: { $elemMatch: { $expr: true } } })))).toBe(2)
  })

  it('names what is unsupported and the way out', () => {
    expect(() => compileFilter(doc({ $where: 'true' }))).toThrow(/\$where.*MONGODB_URI/)
    expect(() => compileFilter(doc({ $text: { $search: 'x' } }))).toThrow(/\$text.*MONGODB_URI/)
  })
})
