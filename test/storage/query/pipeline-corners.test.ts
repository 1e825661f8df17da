import { Decimal128, Double } from 'bson'
import { expect, it } from 'vitest'
import { runPipeline } from '../../../storage/embedded/query/run-pipeline.ts'
import { all, doc, sourceOf, spelled } from './documents.ts'

async function run(pipeline: object[], docs: object[]): Promise<string> {
  const environment = { read: () => sourceOf([]), memoryLimitBytes: 1_000_000 }
  return spelled(await all(runPipeline(sourceOf(docs.map(doc)), pipeline.map(doc), environment)))
}

const decimal = (text: string): Decimal128 => Decimal128.fromString(text)
const total = { $group: { _id: null, sum: { $sum: '$v' }, mean: { $avg: '$v' } } }

// Found by the random pipelines of pipeline-model.test.ts.
it.each<[string, object[], object[], object]>([
  [
    'a calculated field of a list takes the place of elements that are no documents',
    [{ $project: { 'a.b': { $literal: 1 } } }],
    [{ a: [5, { c: 1 }, [], [null]] }],
    { a: [{ b: 1 }, { b: 1 }, [], [{ b: 1 }]] },
  ],
  [
    'a calculated field inside another keeps its place',
    [{ $project: { 'b.c': { $literal: 1 }, a: 1 } }],
    [{ b: 4, a: 2 }],
    { b: { c: 1 }, a: 2 },
  ],
  [
    'doubles added to decimals count with all of their digits',
    [total, { $unset: 'mean' }],
    [{ v: new Double(0.1) }, { v: decimal('1') }],
    { _id: null, sum: decimal('1.100000000000000005551115123125783') },
  ],
  [
    'doubles added to decimals have no zeros of their own',
    [total],
    [{ v: new Double(2) }, { v: new Double(1.5) }, { v: decimal('0.5') }, { v: 1 }],
    { _id: null, sum: decimal('5.0'), mean: decimal('1.25') },
  ],
])('%s', async (_name, pipeline, docs, after) => {
  expect(await run(pipeline, docs)).toBe(spelled([doc(after)]))
})
