import { Long } from 'bson'
import { describe, expect, it } from 'vitest'
import { CommandError } from '../../../storage/embedded/errors.ts'
import type { Doc } from '../../../storage/embedded/query/bson.ts'
import { runPipeline } from '../../../storage/embedded/query/run-pipeline.ts'
import { all, doc, sourceOf, spelled } from './documents.ts'

type World = { docs?: object[]; others?: Record<string, object[]> }

function run(pipeline: object[], { docs = [], others = {} }: World = {}): Promise<Doc[]> {
  const environment = {
    read: (name: string) => sourceOf((others[name] ?? []).map(doc)),
    memoryLimitBytes: 1_000_000,
  }
  return all(runPipeline(sourceOf(docs.map(doc)), pipeline.map(doc), environment))
}

async function codeOfRun(pipeline: object[], world: World = {}): Promise<number | undefined> {
  try {
    await run(pipeline, world)
  } catch (error) {
    if (error instanceof CommandError) return error.code
    throw error
  }
  return undefined
}

const staff = [
  { _id: 1, name: 'Alice' },
  { _id: 2, name: 'Bob', boss: 'Alice' },
  { _id: 3, name: 'Carol', boss: 'Bob', level: 2 },
  { _id: 4, name: 'Dave', boss: ['Carol', 'Bob'] },
]

describe('$graphLookup', () => {
  const upwards = { from: 'staff', startWith: '$boss', connectFromField: 'boss', connectToField: 'name', as: 'bosses' }

  async function bosses(options: object = {}): Promise<unknown[]> {
    const [dave] = await run([{ $match: { name: 'Dave' } }, { $graphLookup: { ...upwards, ...options } }], {
      docs: staff,
      others: { staff },
    })
    return dave?.['bosses'] as unknown[]
  }

  it('follows a field from document to document, each once', async () => {
    expect((await bosses()).map((one) => (one as Doc)['name'])).toEqual(['Bob', 'Carol', 'Alice'])
  })

  it('goes as deep as asked and tells how deep it was', async () => {
    expect(spelled(await bosses({ maxDepth: 0, depthField: 'at.depth' }))).toEqual(
      spelled(
        [
          { _id: 2, name: 'Bob', boss: 'Alice', at: { depth: Long.ZERO } },
          { _id: 3, name: 'Carol', boss: 'Bob', level: 2, at: { depth: Long.ZERO } },
        ].map(doc),
      ),
    )
  })

  it('finds only what may be searched', async () => {
    expect(spelled(await bosses({ restrictSearchWithMatch: { level: 2 } }))).toEqual(spelled([doc(staff[2] as object)]))
  })

  it('starts nowhere from a missing value, and with null from what has none', async () => {
    const [first] = await run([{ $graphLookup: { ...upwards, startWith: '$nothing' } }], {
      docs: [{}],
      others: { staff },
    })
    expect(first).toEqual({ bosses: [] })
    const top = { ...upwards, startWith: null, connectToField: 'boss', connectFromField: 'nothing' }
    const [second] = await run([{ $graphLookup: top }], { docs: [{}], others: { staff } })
    expect(spelled(second?.['bosses'])).toBe(spelled([doc(staff[0] as object)]))
  })

  it('refuses a wrong specification', async () => {
    const cases: [object, number][] = [
      [{ maxDepth: -1 }, 40101],
      [{ maxDepth: 1.5 }, 40102],
      [{ as: 1 }, 40103],
      [{ nope: 1 }, 40104],
      [{ startWith: undefined }, 40105],
    ]
    for (const [change, code] of cases) {
      const spec = Object.fromEntries(
        Object.entries({ ...upwards, ...change }).filter(([, value]) => value !== undefined),
      )
      expect(await codeOfRun([{ $graphLookup: spec }])).toBe(code)
    }
  })
})

describe('$unionWith', () => {
  it('adds the documents of another collection, through a pipeline of their own', async () => {
    const others = {
      more: [
        { _id: 3, n: 1 },
        { _id: 4, n: 2 },
      ],
    }
    const docs = [{ _id: 1 }]
    expect(await run([{ $unionWith: 'more' }, { $count: 'n' }], { docs, others })).toEqual([doc({ n: 3 })])
    const filtered = { $unionWith: { coll: 'more', pipeline: [{ $match: { n: 2 } }] } }
    expect(spelled(await run([filtered], { docs, others }))).toBe(spelled([doc({ _id: 1 }), doc({ _id: 4, n: 2 })]))
    expect(await codeOfRun([{ $unionWith: { coll: 1 } }])).toBe(14)
    expect(await codeOfRun([{ $unionWith: { coll: 'more', pipeline: [{ $nope: 1 }] } }])).toBe(40324)
  })
})

describe('$bucket', () => {
  const docs = [{ x: 1 }, { x: 5 }, { x: 9 }, { x: 10 }, { x: 'text' }, {}]

  it('groups by where a value lies between boundaries, the lower one included', async () => {
    const found = await run([{ $bucket: { groupBy: '$x', boundaries: [0, 5, 10], default: 'other' } }], { docs })
    expect(spelled(found)).toBe(
      spelled([doc({ _id: 0, count: 1 }), doc({ _id: 5, count: 2 }), doc({ _id: 'other', count: 3 })]),
    )
    const sums = await run([{ $bucket: { groupBy: '$x', boundaries: [0, 11], output: { sum: { $sum: '$x' } } } }], {
      docs: docs.slice(0, 4),
    })
    expect(spelled(sums)).toBe(spelled([doc({ _id: 0, sum: 25 })]))
  })

  it('refuses a wrong specification, and a value outside without a default', async () => {
    const cases: [object, number][] = [
      [{ groupBy: '$x' }, 40198],
      [{ groupBy: 'x', boundaries: [1, 2] }, 40202],
      [{ groupBy: '$x', boundaries: [1] }, 40192],
      [{ groupBy: '$x', boundaries: [2, 1] }, 40194],
      [{ groupBy: '$x', boundaries: [1, 'x'] }, 40193],
      [{ groupBy: '$x', boundaries: ['$x', 2] }, 40191],
      [{ groupBy: '$x', boundaries: [1, 3], default: 2 }, 40199],
      [{ groupBy: '$x', boundaries: [0, 5] }, 40066],
    ]
    for (const [spec, code] of cases) expect(await codeOfRun([{ $bucket: spec }], { docs })).toBe(code)
  })
})

/** What `$bucketAuto` makes of values. */
async function auto(values: unknown[], buckets: number): Promise<string> {
  return spelled(await run([{ $bucketAuto: { groupBy: '$x', buckets } }], { docs: values.map((x) => ({ x })) }))
}

function expected(...buckets: [unknown, unknown, number][]): string {
  return spelled(buckets.map(([min, max, count]) => doc({ _id: { min, max }, count })))
}

describe('$bucketAuto', () => {
  it('makes buckets of about the same size, each ending where the next begins', async () => {
    expect(await auto([10, 2, 5], 4)).toBe(expected([2, 5, 1], [5, 10, 1], [10, 10, 1]))
    expect(await auto([1, 2, 3, 4, 5], 2)).toBe(expected([1, 4, 3], [4, 5, 2]))
    expect(await auto([], 2)).toBe(expected())
  })

  it('keeps equal values together', async () => {
    expect(await auto([1, 1, 1, 2, 3], 3)).toBe(expected([1, 2, 3], [2, 3, 2]))
    expect(await auto([7, 7, 7], 3)).toBe(expected([7, 7, 3]))
  })

  it('refuses a wrong specification', async () => {
    const cases: [object, number][] = [
      [{ groupBy: '$x' }, 40246],
      [{ groupBy: 'x', buckets: 1 }, 40239],
      [{ groupBy: '$x', buckets: 'x' }, 40241],
      [{ groupBy: '$x', buckets: 1.5 }, 40242],
      [{ groupBy: '$x', buckets: 0 }, 40243],
      [{ groupBy: '$x', buckets: 1, nope: 1 }, 40245],
    ]
    for (const [spec, code] of cases) expect(await codeOfRun([{ $bucketAuto: spec }])).toBe(code)
  })
})
