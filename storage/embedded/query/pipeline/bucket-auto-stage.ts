import { Int32 } from 'bson'
import { CommandError, unsupported } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { compareValues } from '../compare-values.ts'
import { compileExpression } from '../expression/compile-expression.ts'
import { setField } from '../field-path.ts'
import { integerArgument } from '../integer-argument.ts'
import { sortInTurns } from '../sort-in-turns.ts'
import { isDoc, isNumber } from '../value-type.ts'
import { isGroupBy } from './bucket-stage.ts'
import { compileGroupField, type GroupField } from './group-stage.ts'
import { MemoryMeter, sizeOfDoc } from './memory-meter.ts'
import type { StageCompiler } from './stage.ts'

type Keyed = { key: unknown; doc: Doc }

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/bucketAuto/, without `granularity`. */
export const compileBucketAuto: StageCompiler = (spec, { environment, expressions }) => {
  const { groupBy, buckets, output } = parse(spec)
  const evaluate = compileExpression(groupBy, expressions)
  const fields = Object.entries(output).map(([field, value]) => compileGroupField(field, value, expressions))
  return [
    {
      kind: 'whole',
      async *run(source) {
        const meter = new MemoryMeter('$bucketAuto', environment.memoryLimitBytes)
        const found: Keyed[] = []
        for await (const doc of source) {
          meter.add(sizeOfDoc(doc))
          found.push({ key: evaluate({ root: doc, variables: undefined }) ?? null, doc })
        }
        const breathe = environment.breathe
        const sorted = await sortInTurns(found, { compare: (a, b) => compareValues(a.key, b.key), breathe })
        for (const [start, end] of parts(sorted, buckets)) {
          await breathe?.()
          yield bucketOf(sorted, { start, end, fields })
        }
      },
    },
  ]
}

/** From where to where each bucket reaches: about as many documents each, but equal keys together. */
function* parts(sorted: readonly Keyed[], buckets: number): Generator<[number, number]> {
  const size = Math.max(1, Math.round(sorted.length / buckets))
  let start = 0
  for (let bucket = 1; start < sorted.length; bucket++) {
    let end = bucket === buckets ? sorted.length : Math.min(start + size, sorted.length)
    while (end < sorted.length && compareValues(sorted[end - 1]?.key, sorted[end]?.key) === 0) end++
    yield [start, end]
    start = end
  }
}

function bucketOf(
  sorted: readonly Keyed[],
  { start, end, fields }: { start: number; end: number; fields: readonly GroupField[] },
): Doc {
  // A bucket ends where the next begins, the last with its own greatest key.
  const result: Doc = { _id: { min: sorted[start]?.key, max: (sorted[end] ?? sorted[end - 1])?.key } }
  for (const { field, create, evaluate } of fields) {
    const kept = create()
    for (const { doc } of sorted.slice(start, end)) kept.add(evaluate({ root: doc, variables: undefined }))
    setField(result, field, kept.result() ?? null)
  }
  return result
}

function parse(spec: unknown): { groupBy: unknown; buckets: number; output: Doc } {
  if (!isDoc(spec)) throw new CommandError('Location40240', 'The argument to $bucketAuto must be an object')
  const { groupBy, buckets, output = { count: { $sum: new Int32(1) } }, granularity, ...others } = spec
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined) throw new CommandError('Location40245', `Unrecognized option to $bucketAuto: ${unknown}.`)
  if (groupBy === undefined || buckets === undefined) {
    throw new CommandError('Location40246', "$bucketAuto requires 'groupBy' and 'buckets' to be specified")
  }
  if (granularity !== undefined) throw unsupported('Location40245', 'the $bucketAuto option granularity')
  if (!isGroupBy(groupBy)) {
    throw new CommandError(
      'Location40239',
      "The $bucketAuto 'groupBy' field must be defined as a $-prefixed path or an expression object",
    )
  }
  if (!isNumber(buckets))
    throw new CommandError('Location40241', "The $bucketAuto 'buckets' field must be a numeric value")
  const count = integerArgument(buckets)
  if (count === undefined || Math.abs(count) > 0x7fffffff) {
    throw new CommandError('Location40242', "The $bucketAuto 'buckets' field must be representable as a 32-bit integer")
  }
  if (count <= 0) throw new CommandError('Location40243', "The $bucketAuto 'buckets' field must be greater than 0")
  if (!isDoc(output)) throw new CommandError('Location40244', "The $bucketAuto 'output' field must be an object")
  return { groupBy, buckets: count, output }
}
