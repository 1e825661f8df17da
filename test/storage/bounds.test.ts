import { expect, test } from 'vitest'
import { startServer } from './embedded-server.ts'

type Row = { _id: number; v?: number; text?: string }

async function fill(collection: { insertMany(docs: Row[]): Promise<unknown> }, count: number): Promise<void> {
  const part = 20_000
  for (let start = 0; start < count; start += part) {
    await collection.insertMany(
      Array.from({ length: part }, (_, place) => ({ _id: start + place, v: ((start + place) * 7919) % 200_003 })),
    )
  }
}

test('point reads go on while another client scans, sorts, groups and writes many documents', async () => {
  await using server = await startServer()
  const rows = (await server.connect()).collection<Row>('rows')
  const points = (await server.connect({ maxPoolSize: 1 })).collection<Row>('rows')
  await fill(rows, 200_000)
  /** How many reads one after the other were answered before the work was. */
  const readsDuring = async (work: () => Promise<unknown>): Promise<number> => {
    const state = { running: true }
    const done = work().finally(() => (state.running = false))
    let reads = 0
    for (; state.running; reads++) expect(await points.findOne({ _id: reads })).toMatchObject({ _id: reads })
    await done
    return reads
  }
  expect(await readsDuring(() => rows.countDocuments({ v: -1 }))).toBeGreaterThan(20)
  const sorted = rows.find({ _id: { $lt: 50_000 } }, { sort: { v: -1 }, batchSize: 1 })
  expect(await readsDuring(() => sorted.next())).toBeGreaterThan(20)
  await sorted.close()
  const work = [
    { $limit: 50_000 },
    { $group: { _id: '$v' } },
    { $sort: { _id: 1 } },
    { $group: { _id: null, n: { $sum: 1 } } },
  ]
  expect(await readsDuring(() => rows.aggregate(work).toArray())).toBeGreaterThan(20)
  const more = Array.from({ length: 5_000 }, (_, place) => ({ _id: 300_000 + place }))
  expect(await readsDuring(() => rows.insertMany(more))).toBeGreaterThan(5)
  expect(await readsDuring(() => rows.updateMany({ _id: { $lt: 5_000 } }, { $inc: { v: 1 } }))).toBeGreaterThan(5)
}, 120_000)

test('a sort and a group that hold more than 100 MiB end with an error and not with the process', async () => {
  await using server = await startServer()
  const rows = (await server.connect()).collection<Row>('rows')
  await rows.insertOne({ _id: 1, text: 'x'.repeat(1024 * 1024) })
  const many = { $addFields: { n: { $range: [0, 150] } } }
  const code = 292
  await expect(rows.aggregate([many, { $unwind: '$n' }, { $sort: { n: 1 } }]).toArray()).rejects.toMatchObject({ code })
  await expect(
    rows.aggregate([many, { $unwind: '$n' }, { $group: { _id: null, all: { $push: '$text' } } }]).toArray(),
  ).rejects.toMatchObject({ code })
  await expect(
    rows
      .aggregate([many, { $unwind: '$n' }, { $group: { _id: { $concat: ['$text', { $toString: '$n' }] } } }])
      .toArray(),
  ).rejects.toMatchObject({ code })
  expect(await rows.countDocuments({})).toBe(1)
  await rows.insertMany(
    Array.from({ length: 20 }, (_, place) => ({ _id: 2 + place, text: `${place} `.repeat(400_000) })),
  )
  await expect(rows.distinct('text')).rejects.toMatchObject({ code: 17217 })
})

test('maxTimeMS ends a pipeline that works on what is in memory', async () => {
  await using server = await startServer()
  const rows = (await server.connect()).collection<Row>('rows')
  await rows.insertOne({ _id: 1 })
  const many = [{ $addFields: { n: { $range: [0, 300_000] } } }, { $unwind: '$n' }]
  const endless = [...many, { $sort: { n: -1 } }, { $group: { _id: '$n' } }, { $sort: { _id: 1 } }]
  await expect(rows.aggregate(endless).maxTimeMS(20).toArray()).rejects.toMatchObject({ code: 50 })
})

test('an expression that would search for ever is ended, and others are served', async () => {
  await using server = await startServer()
  const rows = (await server.connect()).collection<Row>('rows')
  await rows.insertMany([
    { _id: 1, text: `${'a'.repeat(40)}b` },
    { _id: 2, text: `${'a'.repeat(40)}c` },
  ])
  const code = 51156
  await expect(rows.find({ text: /^(a+)+$/ }).toArray()).rejects.toMatchObject({ code })
  await expect(rows.find({ text: { $not: /(a|aa)+$/ } }).toArray()).rejects.toMatchObject({ code })
  const matched = { $regexMatch: { input: '$text', regex: '^(a*)*$' } }
  await expect(rows.aggregate([{ $project: { matched } }]).toArray()).rejects.toMatchObject({ code })
  expect(await rows.find({ text: /^(a+)+[bc]$/ }, { projection: { _id: 1 } }).next()).toEqual({ _id: 1 })
})
