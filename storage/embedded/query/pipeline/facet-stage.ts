import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { setField } from '../field-path.ts'
import { isDoc } from '../value-type.ts'
import { MemoryMeter, sizeOfDoc } from './memory-meter.ts'
import { fromArray, runStages } from './run-stages.ts'
import type { StageCompiler } from './stage.ts'

export const compileFacet: StageCompiler = (spec, context) => {
  if (!isDoc(spec) || Object.keys(spec).length === 0) {
    throw new CommandError('Location40169', 'the $facet specification must be a non-empty object')
  }
  const facets = Object.entries(spec).map(([name, pipeline]) => {
    if (name.startsWith('$') || name.includes('.')) {
      throw new CommandError('FailedToParse', `'${name}' is not a valid facet name`)
    }
    if (!Array.isArray(pipeline)) throw new CommandError('Location40170', 'arguments to $facet must be arrays')
    for (const stage of pipeline as unknown[]) {
      if (isDoc(stage) && '$facet' in stage) {
        throw new CommandError('Location40600', '$facet is not allowed to be used within a $facet stage')
      }
    }
    return [name, context.compilePipeline(pipeline, context)] as const
  })
  return [
    {
      kind: 'whole',
      async *run(source) {
        const meter = new MemoryMeter('$facet', context.environment.memoryLimitBytes)
        const docs: Doc[] = []
        for await (const doc of source) {
          meter.add(sizeOfDoc(doc))
          docs.push(doc)
        }
        const result: Doc = {}
        for (const [name, stages] of facets) {
          const found: Doc[] = []
          for await (const doc of runStages(fromArray(docs, context.environment), stages, context.environment)) {
            meter.add(sizeOfDoc(doc))
            found.push(doc)
          }
          setField(result, name, found)
        }
        yield result
      },
    },
  ]
}
