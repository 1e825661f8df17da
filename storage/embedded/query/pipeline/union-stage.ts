import { CommandError, unsupported } from '../../errors.ts'
import { isDoc } from '../value-type.ts'
import { runStages } from './run-stages.ts'
import type { StageCompiler } from './stage.ts'

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/unionWith/, of another collection. */
export const compileUnionWith: StageCompiler = (spec, context) => {
  const { coll, pipeline = [], ...others } = typeof spec === 'string' ? { coll: spec } : docOf(spec)
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined)
    throw new CommandError('Location40415', `BSON field '$unionWith.${unknown}' is an unknown field.`)
  if (coll === undefined) throw unsupported('FailedToParse', 'a $unionWith without a collection')
  if (typeof coll !== 'string') throw new CommandError('TypeMismatch', "BSON field '$unionWith.coll' must be a string")
  const stages = context.compilePipeline(pipeline, context)
  return [
    {
      kind: 'whole',
      async *run(source) {
        yield* source
        yield* runStages(context.environment.read(coll), stages, context.environment)
      },
    },
  ]
}

function docOf(spec: unknown): { [field: string]: unknown } {
  if (isDoc(spec)) return spec
  throw new CommandError('FailedToParse', 'the $unionWith stage specification must be an object or string')
}
