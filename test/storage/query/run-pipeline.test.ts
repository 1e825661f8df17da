import { Decimal128, Double, Long } from 'bson'
import { describe, expect, it } from 'vitest'
import type { Doc } from '../../../storage/embedded/query/bson.ts'
import { runPipeline } from '../../../storage/embedded/query/run-pipeline.ts'
import { all, codeOf, doc, sourceOf, spelled } from './documents.ts'

type World = { docs?: object[]; others?: Record<string, object[]>; memoryLimitBytes?: number }

function run(pipeline: object[], { docs = [], others = {}, memoryLimitBytes = 1_000_000 }: World = {}): Promise<Doc[]> {
  const environment = { read: (name: string) => sourceOf((others[name] ?? []).map(doc)), memoryLimitBytes }
  return all(runPipeline(sourceOf(docs.map(doc)), pipeline.map(doc), environment))
}

async function sumOf(values: unknown[]): Promise<unknown> {
  const docs = values.map((v) => ({ v }))
  return (await run([{ $group: { _id: null, sum: { $sum: '$v' } } }], { docs }))[0]?.sum
}

const sales = [
  { _id: 1, item: 'a', price: 10, quantity: 2, tags: ['x', 'y'] },
  { _id: 2, item: 'b', price: 20.5, quantity: 1, tags: [] },
  { _id: 3, item: 'a', price: Long.fromNumber(5), quantity: 10 },
  { _id: 4, price: null, quantity: 1, tags: 'z' },
]

describe('a pipeline', () => {
  it.each<[object[], object[]]>([
    [
      [{ $match: { item: 'a' } }, { $project: { price: 1 } }],
      [
        { _id: 1, price: 10 },
        { _id: 3, price: Long.fromNumber(5) },
      ],
    ],
    [
      [{ $sort: { quantity: -1, _id: -1 } }, { $skip: 1 }, { $limit: 2 }, { $project: { _id: 1 } }],
      [{ _id: 1 }, { _id: 4 }],
    ],
    [
      [
        {
          $group: {
            _id: '$item',
            n: { $sum: '$quantity' },
            avg: { $avg: '$price' },
            max: { $max: '$price' },
            ids: { $push: '$_id' },
          },
        },
      ],
      [
        { _id: 'a', n: 12, avg: new Double(7.5), max: 10, ids: [1, 3] },
        { _id: 'b', n: 1, avg: 20.5, max: 20.5, ids: [2] },
        { _id: null, n: 1, avg: null, max: null, ids: [4] },
      ],
    ],
    [
      [
        {
          $group: {
            _id: null,
            sum: { $sum: '$price' },
            first: { $first: '$tags' },
            last: { $last: '$item' },
            count: { $count: {} },
            set: { $addToSet: '$item' },
          },
        },
      ],
      [{ _id: null, sum: 35.5, first: ['x', 'y'], last: null, count: 4, set: ['a', 'b'] }],
    ],
    [[{ $match: { _id: { $gt: 99 } } }, { $group: { _id: null, n: { $sum: 1 } } }], []],
    [
      [{ $unwind: '$tags' }, { $project: { tags: 1 } }],
      [
        { _id: 1, tags: 'x' },
        { _id: 1, tags: 'y' },
        { _id: 4, tags: 'z' },
      ],
    ],
    [
      [
        { $unwind: { path: '$tags', includeArrayIndex: 'at', preserveNullAndEmptyArrays: true } },
        { $project: { tags: 1, at: 1 } },
      ],
      [
        { _id: 1, tags: 'x', at: Long.fromNumber(0) },
        { _id: 1, tags: 'y', at: Long.fromNumber(1) },
        { _id: 2, at: null },
        { _id: 3, at: null },
        { _id: 4, tags: 'z', at: null },
      ],
    ],
    [[{ $match: { _id: 4 } }, { $group: { _id: { item: '$item' } } }], [{ _id: { item: null } }]],
    [
      [{ $match: { _id: 4 } }, { $group: { _id: { item: '$item', quantity: '$quantity' } } }],
      [{ _id: { quantity: 1 } }],
    ],
    [[{ $count: 'n' }], [{ n: 4 }]],
    [[{ $match: { _id: 0 } }, { $count: 'n' }], []],
    [[{ $sortByCount: '$item' }, { $limit: 1 }], [{ _id: 'a', count: 2 }]],
    [
      [
        {
          $facet: {
            low: [{ $match: { price: { $lt: 10 } } }, { $project: { _id: 1 } }],
            total: [{ $count: 'n' }],
            none: [{ $limit: 1 }, { $match: { _id: 0 } }],
          },
        },
      ],
      [{ low: [{ _id: 3 }], total: [{ n: 4 }], none: [] }],
    ],
    [[{ $limit: 1 }, { $replaceRoot: { newRoot: { was: '$_id' } } }], [{ was: 1 }]],
    [
      [{ $limit: 1 }, { $addFields: { 'in.side': '$price', tags: '$$REMOVE' } }, { $unset: ['item', 'quantity'] }],
      [{ _id: 1, price: 10, in: { side: 10 } }],
    ],
    [
      [{ $limit: 1 }, { $set: { price: 0, in: { a: 1, b: { c: 2 } } } }, { $project: { tags: 0, item: 0 } }],
      [{ _id: 1, price: 0, quantity: 2, in: { a: 1, b: { c: 2 } } }],
    ],
    [
      [
        { $match: { tags: { $type: 'array' }, $expr: { $gt: ['$quantity', { $size: '$tags' }] } } },
        { $project: { _id: 1 } },
      ],
      [{ _id: 2 }],
    ],
  ])('%j', async (pipeline, expected) => {
    expect(spelled(await run(pipeline, { docs: sales }))).toBe(spelled(expected.map(doc)))
  })

  it('sums numbers exactly and in the widest type', async () => {
    expect(spelled(await sumOf(Array.from({ length: 10 }, () => 0.1)))).toBe(spelled(new Double(1)))
    expect(spelled(await sumOf([2147483647, 1]))).toBe(spelled(Long.fromString('2147483648')))
    expect(spelled(await sumOf([Long.MAX_VALUE, 1]))).toBe(spelled(new Double(2 ** 63)))
    expect(spelled(await sumOf([1, Decimal128.fromString('0.10'), 'x', null]))).toBe(
      spelled(Decimal128.fromString('1.10')),
    )
    expect(spelled(await sumOf([Infinity, 1]))).toBe(spelled(new Double(Infinity)))
  })

  it('groups numbers of one value in whatever types', async () => {
    const docs = [{ k: 1 }, { k: Long.fromNumber(1) }, { k: Decimal128.fromString('1.0') }, { k: 1.5 }]
    const groups = await run([{ $group: { _id: '$k', n: { $sum: 1 } } }, { $sort: { n: -1 } }], { docs })
    expect(groups.map(({ n }) => Number(n))).toEqual([3, 1])
  })

  it('reads no further than a limit', async () => {
    let read = 0
    async function* counting(): AsyncIterable<Doc> {
      for (;;) yield doc({ n: read++ })
    }
    const environment = { read: () => sourceOf([]), memoryLimitBytes: 1000 }
    const found = await all(
      runPipeline(counting(), [doc({ $match: { n: { $gte: 5 } } }), doc({ $limit: 2 })], environment),
    )
    expect([found.length, read]).toEqual([2, 7])
  })

  it('holds no more for a sort than its limit asks for, and else fails at the cap', async () => {
    const docs = Array.from({ length: 2000 }, (_, n) => ({ n, text: 'x'.repeat(100) }))
    const first = await run([{ $sort: { n: -1 } }, { $limit: 2 }, { $project: { n: 1, _id: 0 } }], {
      docs,
      memoryLimitBytes: 50_000,
    })
    expect(spelled(first)).toBe(spelled([doc({ n: 1999 }), doc({ n: 1998 })]))
    const capped = { docs, memoryLimitBytes: 50_000 }
    await expect(run([{ $sort: { n: 1 } }], capped)).rejects.toMatchObject({ code: 292 })
    await expect(run([{ $group: { _id: '$n' } }], capped)).rejects.toMatchObject({ code: 292 })
    await expect(run([{ $group: { _id: null, all: { $push: '$text' } } }], capped)).rejects.toMatchObject({ code: 292 })
    await expect(run([{ $facet: { all: [] } }], capped)).rejects.toMatchObject({ code: 292 })
  })
})

describe('$lookup', () => {
  const others = {
    items: [
      { _id: 1, sku: 'a', qty: 5 },
      { _id: 2, sku: ['b', 'c'], qty: 50 },
      { _id: 3, qty: 0 },
      { _id: 4, sku: null },
    ],
  }
  const ids = { $project: { found: '$found._id' } }

  it('joins by equality as a filter would, by element for arrays, missing as null', async () => {
    const docs = [
      { _id: 'a', k: 'a' },
      { _id: 'c', k: 'c' },
      { _id: 'list', k: ['a', 'b'] },
      { _id: 'none' },
      { _id: 'empty', k: [] },
      { _id: 'miss', k: 'zzz' },
    ]
    const join = { $lookup: { from: 'items', localField: 'k', foreignField: 'sku', as: 'found' } }
    const found = Object.fromEntries(
      (await run([join, ids], { docs, others })).map(({ _id, found: joined }) => [
        _id,
        (joined as unknown[]).map(Number),
      ]),
    )
    expect(found).toEqual({ a: [1], c: [2], list: [1, 2], none: [3, 4], empty: [3, 4], miss: [] })
  })

  it('runs a pipeline with variables, alone or after the join', async () => {
    const docs = [
      { _id: 1, k: 'a', least: 3 },
      { _id: 2, k: 'a', least: 9 },
    ]
    const pipeline = [{ $match: { $expr: { $gte: ['$qty', '$$least'] } } }]
    const lookup = { from: 'items', let: { least: '$least' }, pipeline, as: 'found' }
    expect(spelled(await run([{ $lookup: lookup }, ids], { docs, others }))).toBe(
      spelled([doc({ _id: 1, found: [1, 2] }), doc({ _id: 2, found: [2] })]),
    )
    const joined = { ...lookup, localField: 'k', foreignField: 'sku' }
    expect(spelled(await run([{ $lookup: joined }, ids], { docs, others }))).toBe(
      spelled([doc({ _id: 1, found: [1] }), doc({ _id: 2, found: [] })]),
    )
  })

  it('joins arrays of arrays by their elements, and null with paths that end in scalars', async () => {
    const docs = [{ _id: 1, b: [[1, 2], 42] }]
    const foreign = [
      { _id: 0, a: [[1, 2], 3] },
      { _id: 1, a: [1, 2] },
      { _id: 2, a: [2, 1] },
    ]
    const lookup = { from: 'items', localField: 'b', foreignField: 'a', as: 'found' }
    expect(spelled(await run([{ $lookup: lookup }, ids], { docs, others: { items: foreign } }))).toBe(
      spelled([doc({ _id: 1, found: [0, 1] })]),
    )
    const scalars = [
      { _id: 0, a: [1] },
      { _id: 1, a: [] },
      { _id: 2, a: [{ x: 1 }] },
      { _id: 3, a: [{ x: 1 }, {}] },
    ]
    const nulls = { from: 'items', localField: 'none', foreignField: 'a.x', as: 'found' }
    expect(spelled(await run([{ $lookup: nulls }, ids], { docs, others: { items: scalars } }))).toBe(
      spelled([doc({ _id: 1, found: [0, 1, 3] })]),
    )
  })
})

describe('a wrong pipeline', () => {
  it.each<[object, number]>([
    [{ $nope: 1 }, 40324],
    [{ $out: 'x' }, 40324],
    [{ $setWindowFields: {} }, 40324],
    [{}, 40323],
    [{ $match: 1 }, 15959],
    [{ $match: { $where: '1' } }, 2],
    [{ $project: {} }, 51272],
    [{ $project: { a: { $nope: 1 } } }, 31325],
    [{ $set: { a: { $nope: 1 } } }, 168],
    [{ $project: { a: { $function: {} } } }, 168],
    [{ $project: { a: '$$nope' } }, 17276],
    [{ $project: { a: { $add: [1], $subtract: [1] } } }, 15983],
    [{ $addFields: { a: { $eq: [1] } } }, 16020],
    [{ $group: { n: { $sum: 1 } } }, 15955],
    [{ $group: { _id: 1, n: 1 } }, 40234],
    [{ $group: { _id: 1, n: { $nope: 1 } } }, 15952],
    [{ $group: { _id: 1, 'a.b': { $sum: 1 } } }, 40235],
    [{ $limit: 0 }, 15958],
    [{ $limit: 'x' }, 2107201],
    [{ $skip: -1 }, 5107200],
    [{ $sort: {} }, 15976],
    [{ $sort: { a: 2 } }, 2],
    [{ $unwind: 'a' }, 28818],
    [{ $unwind: {} }, 28812],
    [{ $count: '$a' }, 40158],
    [{ $facet: {} }, 40169],
    [{ $facet: { a: [{ $facet: { b: [] } }] } }, 40600],
    [{ $facet: { a: [{ $out: 'x' }] } }, 40324],
    [{ $lookup: { from: 'x', as: 'y' } }, 9],
    [{ $lookup: { from: 'x', as: 'y', pipeline: [{ $nope: 1 }] } }, 40324],
    [{ $replaceRoot: {} }, 40231],
    [{ $unset: 1 }, 31120],
  ])('%j is refused with %i before anything is read', (stage, code) => {
    const environment = { read: () => sourceOf([]), memoryLimitBytes: 1 }
    expect(codeOf(() => runPipeline(sourceOf([]), [doc(stage)], environment))).toBe(code)
  })

  it('names the stage and the way out', () => {
    const environment = { read: () => sourceOf([]), memoryLimitBytes: 1 }
    expect(() => runPipeline(sourceOf([]), [doc({ $merge: 'x' })], environment)).toThrow(/\$merge.*MONGODB_URI/)
  })
})
