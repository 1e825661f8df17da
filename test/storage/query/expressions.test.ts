// oxlint-disable unicorn/no-thenable -- `then` is a field of $cond and $switch
import { BSONRegExp, Decimal128, Double, Long, ObjectId } from 'bson'
import { describe, expect, it } from 'vitest'
import { compileExpression } from '../../../storage/embedded/query/expression/compile-expression.ts'
import { codeOf, doc, spelled, value } from './documents.ts'

const root = {
  n: 5,
  d: 2.5,
  s: 'Hello',
  list: [1, 2, 3],
  docs: [{ x: 1 }, { x: 2, y: [3] }, 7],
  at: new Date('2024-02-29T10:11:12.345Z'),
  nil: null,
  sub: { a: { b: 1 } },
}
const decimal = (text: string): Decimal128 => Decimal128.fromString(text)
const long = (text: string): Long => Long.fromString(text)
const double = (number: number): Double => new Double(number)

function evaluate(expression: unknown): unknown {
  return compileExpression(value(expression))({ root: doc(root), variables: undefined })
}

const tables: Record<string, [expression: unknown, result: unknown][]> = {
  paths: [
    ['$n', 5],
    ['$sub.a.b', 1],
    ['$docs.x', [1, 2]],
    ['$docs.y', [[3]]],
    ['$list.0', []],
    ['$none', undefined],
    ['$n.x', undefined],
    ['$$ROOT.n', 5],
    [{ a: '$n', b: '$none' }, { a: 5 }],
    [
      ['$n', '$none'],
      [5, null],
    ],
    [{ $literal: '$n' }, '$n'],
    [{ $let: { vars: { x: { $add: ['$n', 1] } }, in: { $multiply: ['$$x', 2] } } }, 12],
    [{ $let: { vars: { x: '$sub' }, in: '$$x.a.b' } }, 1],
    [{ $let: { vars: { CURRENT: '$sub' }, in: ['$a.b', '$$ROOT.n'] } }, [1, 5]],
    ['$sub.$id', undefined],
  ],
  arithmetic: [
    [{ $add: ['$n', 1] }, 6],
    [{ $add: [2147483647, 1] }, long('2147483648')],
    [{ $add: [Long.MAX_VALUE, 1] }, double(2 ** 63)],
    [{ $add: [1, 0.5] }, 1.5],
    [{ $add: [decimal('0.1'), double(0.2)] }, decimal('0.300000000000000')],
    [{ $add: ['$at', 1000] }, new Date('2024-02-29T10:11:13.345Z')],
    [{ $add: ['$n', '$none'] }, null],
    [{ $add: [] }, 0],
    [{ $subtract: [long('3'), 1] }, long('2')],
    [{ $subtract: ['$at', new Date('2024-02-29T10:11:12.000Z')] }, long('345')],
    [{ $subtract: ['$at', 345] }, new Date('2024-02-29T10:11:12.000Z')],
    [{ $multiply: [65536, 65536] }, long('4294967296')],
    [{ $multiply: [decimal('1.10'), 3] }, decimal('3.30')],
    [{ $divide: [6, 4] }, 1.5],
    [{ $divide: [6, 3] }, double(2)],
    [{ $divide: [decimal('1'), 3] }, decimal('0.3333333333333333333333333333333333')],
    [{ $divide: [decimal('2'), 3] }, decimal('0.6666666666666666666666666666666667')],
    [{ $divide: [decimal('1'), 4] }, decimal('0.25')],
    [{ $mod: [-7, 3] }, -1],
    [{ $mod: [7.5, 2] }, 1.5],
    [{ $mod: [8, double(3)] }, 2],
    [{ $mod: [long('8'), double(3)] }, long('2')],
    [{ $mod: [8, 3.25] }, 1.5],
    [{ $mod: [double(8), 3] }, double(2)],
    [{ $mod: [decimal('7.5'), 2] }, decimal('1.5')],
    [{ $abs: -3 }, 3],
    [{ $abs: -2147483648 }, long('2147483648')],
    [{ $ceil: 1.2 }, double(2)],
    [{ $floor: -1.2 }, double(-2)],
    [{ $floor: 7 }, 7],
    [{ $round: [2.5] }, double(2)],
    [{ $round: [-2.675, 2] }, -2.67],
    [{ $round: [decimal('2.345'), 2] }, decimal('2.34')],
    [{ $round: [1234, -2] }, 1200],
    [{ $trunc: [-1.9] }, double(-1)],
    [{ $sqrt: 16 }, double(4)],
    [{ $pow: [2, 10] }, 1024],
    [{ $pow: [2, 40] }, long('1099511627776')],
    [{ $pow: [2, -1] }, 0.5],
    [{ $ln: 1 }, double(0)],
    [{ $log10: 1000 }, double(3)],
    [{ $log: [8, 2] }, double(3)],
    [{ $sum: ['$list', 4] }, 4],
    [{ $sum: '$list' }, 6],
    [{ $sum: '$docs.x' }, 3],
    [{ $avg: '$list' }, double(2)],
    [{ $avg: 'x' }, null],
    [{ $max: ['$n', 9, null] }, 9],
    [{ $min: '$list' }, 1],
  ],
  comparison: [
    [{ $eq: ['$n', 5.0] }, true],
    [{ $eq: ['$none', null] }, false],
    [{ $gt: ['text', 5] }, true],
    [{ $lt: ['$none', '$nil'] }, true],
    [
      {
        $lte: [
          [1, 2],
          [1, 2],
        ],
      },
      true,
    ],
    [
      {
        $ne: [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      },
      true,
    ],
    [{ $cmp: [1, 2] }, -1],
    [{ $gte: ['$at', new Date(0)] }, true],
  ],
  'truth and choice': [
    [{ $and: [1, 'x', '$list'] }, true],
    [{ $and: [1, 0] }, false],
    [{ $and: [] }, true],
    [{ $or: [null, '$none', 0] }, false],
    [{ $not: ['$none'] }, true],
    [{ $cond: ['$n', 'yes', 'no'] }, 'yes'],
    [{ $cond: { if: { $gt: ['$n', 9] }, then: 1, else: { $ifNull: ['$nil', '$none', 'last'] } } }, 'last'],
    [
      {
        $switch: {
          branches: [
            { case: false, then: 1 },
            { case: true, then: 2 },
          ],
          default: 3,
        },
      },
      2,
    ],
    [{ $switch: { branches: [{ case: false, then: 1 }], default: '$$REMOVE' } }, undefined],
    [{ $anyElementTrue: [[0, 1]] }, true],
    [{ $allElementsTrue: [[0, 1]] }, false],
  ],
  strings: [
    [{ $concat: ['$s', ' ', 'you'] }, 'Hello you'],
    [{ $concat: ['$s', '$none'] }, null],
    [{ $toUpper: 'éa' }, 'éA'],
    [{ $toLower: '$none' }, ''],
    [{ $strcasecmp: ['HELLO', '$s'] }, 0],
    [{ $substrCP: ['añb😀c', 1, 3] }, 'ñb😀'],
    [{ $substrBytes: ['hello', 1, -1] }, 'ello'],
    [{ $substr: [12345, 0, 2] }, '12'],
    [{ $strLenCP: 'ñ😀' }, 2],
    [{ $strLenBytes: 'ñ😀' }, 6],
    [{ $split: ['a-b--c', '-'] }, ['a', 'b', '', 'c']],
    [{ $trim: { input: ' \n x ' } }, 'x'],
    [{ $ltrim: { input: 'xxayx', chars: 'xy' } }, 'ayx'],
    [{ $rtrim: { input: 'axyx', chars: 'xy' } }, 'a'],
    [{ $indexOfCP: ['añoño', 'ño', 2] }, 3],
    [{ $indexOfBytes: ['añb', 'b'] }, 3],
    [{ $indexOfCP: ['abc', 'z'] }, -1],
    [{ $replaceOne: { input: 'a.a', find: 'a', replacement: { $literal: '$&' } } }, '$&.a'],
    [{ $replaceAll: { input: 'a.a', find: '.', replacement: '' } }, 'aa'],
    [{ $regexMatch: { input: '$s', regex: '^hel', options: 'i' } }, true],
    [{ $regexMatch: { input: '$none', regex: 'x' } }, false],
    [
      { $regexFind: { input: '😀ab12', regex: new BSONRegExp('([a-z]+)(\\d)(z)?') } },
      { match: 'ab1', idx: 1, captures: ['ab', '1', null] },
    ],
    [
      { $regexFindAll: { input: 'aa', regex: 'b*' } },
      [
        { match: '', idx: 0, captures: [] },
        { match: '', idx: 1, captures: [] },
      ],
    ],
    [{ $regexFindAll: { input: '', regex: 'b*' } }, [{ match: '', idx: 0, captures: [] }]],
    [
      { $regexFindAll: { input: 'a1b2', regex: '\\d' } },
      [
        { match: '1', idx: 1, captures: [] },
        { match: '2', idx: 3, captures: [] },
      ],
    ],
  ],
  arrays: [
    [{ $size: '$list' }, 3],
    [{ $isArray: '$list' }, true],
    [{ $isArray: ['$n'] }, false],
    [{ $arrayElemAt: ['$list', -1] }, 3],
    [{ $arrayElemAt: ['$list', 9] }, undefined],
    [{ $first: '$list' }, 1],
    [{ $last: '$list' }, 3],
    [{ $slice: ['$list', -2] }, [2, 3]],
    [{ $slice: ['$list', 1, 1] }, [2]],
    [{ $concatArrays: ['$list', [4]] }, [1, 2, 3, 4]],
    [{ $filter: { input: '$list', as: 'it', cond: { $gt: ['$$it', 1] } } }, [2, 3]],
    [{ $filter: { input: '$list', cond: true, limit: 2 } }, [1, 2]],
    [{ $map: { input: '$docs', as: 'one', in: '$$one.x' } }, [1, 2, null]],
    [{ $map: { input: '$nil', in: 1 } }, null],
    [{ $reduce: { input: '$list', initialValue: 10, in: { $add: ['$$value', '$$this'] } } }, 16],
    [{ $in: [2.0, '$list'] }, true],
    [{ $indexOfArray: ['$list', 3] }, 2],
    [{ $range: [0, 5, 2] }, [0, 2, 4]],
    [{ $range: [3, 0, -1] }, [3, 2, 1]],
    [{ $reverseArray: '$list' }, [3, 2, 1]],
    [
      { $zip: { inputs: [[1, 2], ['a']], useLongestLength: true, defaults: [0, 'z'] } },
      [
        [1, 'a'],
        [2, 'z'],
      ],
    ],
    [
      {
        $setUnion: [
          [2, 1],
          [1, 3],
        ],
      },
      [1, 2, 3],
    ],
    [
      {
        $setIntersection: [
          [2, 1],
          [1, 3],
        ],
      },
      [1],
    ],
    [{ $setDifference: [[2, 1, 2], [1]] }, [2]],
    [
      {
        $setEquals: [
          [1, 2, 2],
          [2, 1],
        ],
      },
      true,
    ],
    [{ $setIsSubset: [[1], [2, 1]] }, true],
    [
      {
        $arrayToObject: [
          [
            ['a', 1],
            ['b', 2],
          ],
        ],
      },
      { a: 1, b: 2 },
    ],
    [{ $arrayToObject: [[{ k: 'a', v: 1 }]] }, { a: 1 }],
    [{ $objectToArray: { a: 1 } }, [{ k: 'a', v: 1 }]],
    [{ $mergeObjects: [{ a: 1 }, '$none', { a: 2, b: 3 }] }, { a: 2, b: 3 }],
    [{ $getField: 'n' }, 5],
    [{ $getField: { field: 'a', input: '$sub' } }, { b: 1 }],
    [{ $setField: { field: 'a.b', input: '$sub', value: 1 } }, { a: { b: 1 }, 'a.b': 1 }],
    [{ $unsetField: { field: 'a', input: '$sub' } }, {}],
  ],
  dates: [
    [{ $year: '$at' }, 2024],
    [{ $month: '$at' }, 2],
    [{ $dayOfMonth: { date: '$at', timezone: '+14:00' } }, 1],
    [{ $hour: { date: '$at', timezone: '-0230' } }, 7],
    [{ $dayOfWeek: '$at' }, 5],
    [{ $dayOfYear: '$at' }, 60],
    [{ $millisecond: '$at' }, 345],
    [{ $minute: '$none' }, null],
    [{ $dateToString: { date: '$at' } }, '2024-02-29T10:11:12.345Z'],
    [
      { $dateToString: { date: '$at', format: '%d/%m/%Y %H%% %j %u %V %G', timezone: 'UTC' } },
      '29/02/2024 10% 060 4 09 2024',
    ],
    [{ $dateToString: { date: '$none', onNull: 'never' } }, 'never'],
    [{ $dateTrunc: { date: '$at', unit: 'month' } }, new Date('2024-02-01T00:00:00Z')],
    [{ $dateTrunc: { date: '$at', unit: 'week' } }, new Date('2024-02-25T00:00:00Z')],
    [{ $dateTrunc: { date: '$at', unit: 'week', startOfWeek: 'mon' } }, new Date('2024-02-26T00:00:00Z')],
    [{ $dateTrunc: { date: '$at', unit: 'minute', binSize: 15 } }, new Date('2024-02-29T10:00:00Z')],
    [{ $dateAdd: { startDate: '$at', unit: 'year', amount: 1 } }, new Date('2025-02-28T10:11:12.345Z')],
    [{ $dateSubtract: { startDate: '$at', unit: 'month', amount: 3 } }, new Date('2023-11-29T10:11:12.345Z')],
    [{ $dateAdd: { startDate: '$at', unit: 'hour', amount: 20 } }, new Date('2024-03-01T06:11:12.345Z')],
    [{ $dateDiff: { startDate: new Date('2023-12-31T23:59:59Z'), endDate: '$at', unit: 'year' } }, long('1')],
    [{ $dateDiff: { startDate: new Date('2024-02-24T00:00:00Z'), endDate: '$at', unit: 'week' } }, long('1')],
    [{ $dateDiff: { startDate: '$at', endDate: new Date('2024-02-28T00:00:00Z'), unit: 'day' } }, long('-1')],
    [
      { $dateToParts: { date: new Date(0) } },
      { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 },
    ],
    [{ $dateFromString: { dateString: '2024-02-29T10:11:12+01:00' } }, new Date('2024-02-29T09:11:12Z')],
    [{ $dateFromString: { dateString: '2024-02-30', onError: 'no' } }, 'no'],
  ],
  conversions: [
    [{ $type: '$none' }, 'missing'],
    [{ $type: '$list' }, 'array'],
    [{ $type: { $literal: decimal('1') } }, 'decimal'],
    [{ $isNumber: '$s' }, false],
    [{ $toString: 1.5 }, '1.5'],
    [{ $toString: '$at' }, '2024-02-29T10:11:12.345Z'],
    [{ $toString: true }, 'true'],
    [{ $toInt: '12' }, 12],
    [{ $toInt: 1.9 }, 1],
    [{ $toLong: '$at' }, long('1709201472345')],
    [{ $toLong: decimal('-2.7') }, long('-2')],
    [{ $toDouble: '1.5e3' }, double(1500)],
    [{ $toDecimal: '0.10' }, decimal('0.10')],
    [{ $toDecimal: 2.5 }, decimal('2.50000000000000')],
    [{ $toBool: 'false' }, true],
    [{ $toDate: long('0') }, new Date(0)],
    [{ $toDate: '2024-02-29' }, new Date('2024-02-29T00:00:00Z')],
    [{ $toObjectId: '0123456789abcdef01234567' }, new ObjectId('0123456789abcdef01234567')],
    [{ $toInt: '$nil' }, null],
    [{ $convert: { input: 'x', to: 'int', onError: 'bad' } }, 'bad'],
    [{ $convert: { input: '$none', to: 2, onNull: 'none' } }, 'none'],
  ],
}

for (const [family, table] of Object.entries(tables)) {
  describe(`expressions: ${family}`, () => {
    it.each(table)('%j is %j', (expression, result) => {
      expect(spelled(evaluate(expression))).toBe(spelled(value(result)))
    })
  })
}

describe('a wrong expression', () => {
  it.each<[unknown, number]>([
    [{ $nope: 1 }, 168],
    [{ $rand: {} }, 168],
    [{ $add: ['x'] }, 14],
    [{ $add: ['$at', '$at'] }, 16612],
    [{ $subtract: ['x', 1] }, 14],
    [{ $multiply: ['x', 1] }, 14],
    [{ $divide: [1, 0] }, 2],
    [{ $mod: [1, 0] }, 16610],
    [{ $sqrt: -1 }, 28714],
    [{ $abs: 'x' }, 28765],
    [{ $concat: [1] }, 16702],
    [{ $toUpper: [['x']] }, 16007],
    [{ $size: '$n' }, 17124],
    [{ $arrayElemAt: ['$n', 0] }, 28689],
    [{ $filter: { input: '$n', cond: true } }, 28651],
    [{ $map: { input: '$n', in: 1 } }, 16883],
    [{ $in: [1, '$n'] }, 40081],
    [{ $range: [0, 1, 0] }, 34449],
    [{ $mergeObjects: [1] }, 40400],
    [{ $switch: { branches: [{ case: false, then: 1 }] } }, 40066],
    [{ $cond: [1] }, 16020],
    [{ $cond: { if: 1 } }, 17081],
    [{ $zip: [] }, 34460],
    [{ $range: ['x', 1] }, 34443],
    [{ $range: [0.5, 1] }, 34444],
    [{ $substrCP: ['abc', 0, 0.5] }, 34453],
    [{ $let: { vars: { X: 1 }, in: 1 } }, 16867],
    [{ $year: 'x' }, 16006],
    [{ $hour: { date: '$at', timezone: 'Europe/Berlin' } }, 168],
    [{ $toInt: 'x' }, 241],
    [{ $toInt: 3e9 }, 241],
    [{ $toObjectId: 'x' }, 241],
    [{ $toDate: 'yesterday' }, 241],
    ['$', 16872],
    ['$a..b', 15998],
    ['$$nope', 17276],
    [{ $substrBytes: ['ñ', 1, 1] }, 28656],
    [{ $regexMatch: { input: 1, regex: 'x' } }, 51104],
    [{ $dateAdd: { startDate: '$at', unit: 'year', amount: 10_000_000 } }, 15],
  ])('%j is refused with %i', (expression, code) => {
    expect(codeOf(() => evaluate(expression))).toBe(code)
  })
})
