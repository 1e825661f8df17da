import { CommandError, unsupported } from '../errors.ts'
import type { Doc } from './bson.ts'
import { newContext } from './expression/compile-expression.ts'
import { integerArgument } from './integer-argument.ts'
import { compileCount, compileSortByCount } from './pipeline/count-stages.ts'
import { documentStages } from './pipeline/document-stages.ts'
import { compileBucketAuto } from './pipeline/bucket-auto-stage.ts'
import { compileBucket } from './pipeline/bucket-stage.ts'
import { compileFacet } from './pipeline/facet-stage.ts'
import { compileGraphLookup } from './pipeline/graph-lookup-stage.ts'
import { compileGroup } from './pipeline/group-stage.ts'
import { compileLookup } from './pipeline/lookup-stage.ts'
import { compileMatch } from './pipeline/match-stage.ts'
import { compileLimit, compileSkip } from './pipeline/paging-stages.ts'
import { refusedStages } from './pipeline/refused-stages.ts'
import { runStages } from './pipeline/run-stages.ts'
import { compileSortStage, sortStage } from './pipeline/sort-stage.ts'
import { type Environment, mapping, type Stage, type StageCompiler, type StageContext } from './pipeline/stage.ts'
import { compileUnionWith } from './pipeline/union-stage.ts'
import { compileUnwind } from './pipeline/unwind-stage.ts'
import { isDoc } from './value-type.ts'

const stageCompilers: Readonly<Record<string, StageCompiler>> = {
  $match: compileMatch,
  $group: compileGroup,
  $sort: compileSortStage,
  $limit: compileLimit,
  $skip: compileSkip,
  $unwind: compileUnwind,
  $count: compileCount,
  $sortByCount: compileSortByCount,
  $facet: compileFacet,
  $lookup: compileLookup,
  $graphLookup: compileGraphLookup,
  $unionWith: compileUnionWith,
  $bucket: compileBucket,
  $bucketAuto: compileBucketAuto,
}

/**
 * Runs an aggregation over the documents of a source. The pipeline is checked at once, before anything is read.
 * Stages that have to hold documents fail with QueryExceededMemoryLimitNoDiskUseAllowed past the memory limit.
 */
export function runPipeline(
  source: AsyncIterable<Doc>,
  pipeline: readonly Doc[],
  environment: Environment,
): AsyncIterable<Doc> {
  const stages = compilePipeline(pipeline, { environment, expressions: newContext(), compilePipeline })
  return runStages(source, stages, environment)
}

function compilePipeline(pipeline: unknown, context: StageContext): Stage[] {
  if (!Array.isArray(pipeline))
    throw new CommandError('TypeMismatch', "'pipeline' option must be specified as an array")
  return pipeline.flatMap((spec: unknown, place) => {
    const { name, operand } = nameAndOperand(spec)
    const most = name === '$sort' ? limitAfter(pipeline, place) : undefined
    const stages = compileStage(name, operand, context)
    // A sort that only its first documents are wanted of need not hold the rest.
    return most === undefined || !isDoc(operand) ? stages : [sortStage(operand, context.environment, most)]
  })
}

function nameAndOperand(spec: unknown): { name: string; operand: unknown } {
  const [name, ...more] = isDoc(spec) ? Object.keys(spec) : []
  if (!isDoc(spec) || name === undefined || more.length > 0) {
    throw new CommandError('Location40323', 'A pipeline stage specification object must contain exactly one field.')
  }
  return { name, operand: spec[name] }
}

function compileStage(name: string, operand: unknown, context: StageContext): Stage[] {
  const compile = Object.hasOwn(stageCompilers, name) ? stageCompilers[name] : undefined
  if (compile !== undefined) return compile(operand, context)
  const perDocument = Object.hasOwn(documentStages, name) ? documentStages[name] : undefined
  if (perDocument !== undefined) return [mapping(perDocument(operand, context.expressions))]
  if (name === '$documents') {
    throw new CommandError('Location40602', '$documents is only valid as the first stage in a pipeline')
  }
  if (refusedStages.has(name)) throw unsupported('Location40324', `the pipeline stage ${name}`)
  throw new CommandError('Location40324', `Unrecognized pipeline stage name: '${name}'`)
}

/** How many sorted documents the `$skip` and `$limit` right after a `$sort` let through. */
function limitAfter(pipeline: readonly unknown[], sort: number): number | undefined {
  let skipped = 0
  for (const spec of pipeline.slice(sort + 1)) {
    const { name, operand } = nameAndOperand(spec)
    const count = integerArgument(operand)
    if (name === '$limit' && count !== undefined && count > 0) return skipped + count
    if (name !== '$skip' || count === undefined || count < 0) return undefined
    skipped += count
  }
  return undefined
}
