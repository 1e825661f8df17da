import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { newContext } from '../expression/compile-expression.ts'
import { identical } from '../identical.ts'
import { documentStages } from '../pipeline/document-stages.ts'
import { isDoc } from '../value-type.ts'
import type { UpdateContext } from './field-update.ts'

/** Compiles an update given as a pipeline of stages that each turn one document into one. */
export function compilePipelineUpdate(pipeline: readonly unknown[]): (context: UpdateContext) => Doc {
  const context = newContext()
  const stages = pipeline.map((spec) => {
    const [name, ...more] = isDoc(spec) ? Object.keys(spec) : []
    if (!isDoc(spec) || name === undefined || more.length > 0) {
      throw new CommandError('Location40323', 'A pipeline stage specification object must contain exactly one field.')
    }
    const compile = Object.hasOwn(documentStages, name) ? documentStages[name] : undefined
    if (compile === undefined) {
      throw new CommandError('InvalidOptions', `${name} is not allowed to be used within an update`)
    }
    return compile(spec[name], context)
  })
  return ({ original }) => {
    let doc = original
    for (const stage of stages) doc = stage(doc)
    // A stage that leaves the _id out does not take it away.
    if (!Object.hasOwn(doc, '_id') && Object.hasOwn(original, '_id')) doc = { _id: original._id, ...doc }
    return identical(doc, original) ? original : doc
  }
}
