import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { compileExpression, type ExpressionContext } from '../expression/compile-expression.ts'
import { compileTree } from '../projection/apply-projection.ts'
import { parseProjection } from '../projection/parse-projection.ts'
import { addAction, type ProjectionTree } from '../projection/projection-tree.ts'
import { isDoc, typeOf } from '../value-type.ts'

/** Compiles a stage that turns each document into one other: the stages that updates may use as well. */
export type DocumentStageCompiler = (spec: unknown, context: ExpressionContext) => (doc: Doc) => Doc

const project: DocumentStageCompiler = (spec, context) => {
  if (!isDoc(spec)) throw new CommandError('Location15969', '$project specification must be an object')
  if (Object.keys(spec).length === 0) {
    throw new CommandError(
      'Location51272',
      'Invalid $project :: caused by :: projection specification must have at least one field',
    )
  }
  const { tree, mode } = parseProjection(spec, { context })
  return withScope(compileTree(tree, mode))
}

const addFields: DocumentStageCompiler = (spec, context) => {
  if (!isDoc(spec)) {
    throw new CommandError('Location40272', `$addFields specification stage must be an object, got ${typeOf(spec)}`)
  }
  const tree: ProjectionTree = new Map()
  addComputed(tree, { prefix: '', spec, context })
  return withScope(compileTree(tree, 'exclusion'))
}

function addComputed(
  tree: ProjectionTree,
  { prefix, spec, context }: { prefix: string; spec: Doc; context: ExpressionContext },
): void {
  for (const [field, value] of Object.entries(spec)) {
    const path = prefix + field
    const fields = isDoc(value) ? Object.keys(value) : []
    if (isDoc(value) && fields.length === 0) {
      throw new CommandError(
        'Location40180',
        `an empty object is not a valid value. Found empty object at path ${path}`,
      )
    }
    // A document names fields inside the field; the others in there stay.
    if (isDoc(value) && !fields.some((inner) => inner.startsWith('$'))) {
      addComputed(tree, { prefix: `${path}.`, spec: value, context })
    } else {
      addAction(tree, path, { kind: 'compute', evaluate: compileExpression(value, context) })
    }
  }
}

const unset: DocumentStageCompiler = (spec) => {
  const paths: readonly unknown[] = Array.isArray(spec) ? spec : [spec]
  const tree: ProjectionTree = new Map()
  for (const path of paths) {
    if (typeof path !== 'string') {
      throw new CommandError(
        'Location31120',
        '$unset specification must be a string or an array containing only string values',
      )
    }
    addAction(tree, path, { kind: 'drop' })
  }
  if (tree.size === 0) throw new CommandError('Location31119', '$unset specification must have at least one field')
  return withScope(compileTree(tree, 'exclusion'))
}

const replaceWith: DocumentStageCompiler = (spec, context) => {
  const evaluate = compileExpression(spec, context)
  return (doc) => {
    const value = evaluate({ root: doc, variables: undefined })
    if (isDoc(value)) return value
    throw new CommandError(
      'Location40228',
      `'newRoot' expression must evaluate to an object, but resulting value was of type: ${typeOf(value)}`,
    )
  }
}

const replaceRoot: DocumentStageCompiler = (spec, context) => {
  if (!isDoc(spec))
    throw new CommandError(
      'Location40229',
      `expected an object as specification for $replaceRoot stage, got ${typeOf(spec)}`,
    )
  if (!Object.hasOwn(spec, 'newRoot'))
    throw new CommandError('Location40231', 'no newRoot specified for the $replaceRoot stage')
  return replaceWith(spec.newRoot, context)
}

function withScope(change: (doc: Doc, scope: { root: Doc; variables: undefined }) => Doc): (doc: Doc) => Doc {
  return (doc) => change(doc, { root: doc, variables: undefined })
}

export const documentStages: Readonly<Record<string, DocumentStageCompiler | undefined>> = {
  $project: project,
  $addFields: addFields,
  $set: addFields,
  $unset: unset,
  $replaceRoot: replaceRoot,
  $replaceWith: replaceWith,
}
