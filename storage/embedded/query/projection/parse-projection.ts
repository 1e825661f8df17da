import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { compileExpression, type ExpressionContext, isExpressionOperator } from '../expression/compile-expression.ts'
import { isTrue } from '../expression/evaluate.ts'
import { isDoc, isNumber } from '../value-type.ts'
import type { ProjectionMode } from './apply-projection.ts'
import { addAction, type FieldAction, type ProjectionTree } from './projection-tree.ts'

/** What a find's projection may do that a pipeline's may not, and what that means for the fields not named. */
export type SpecialAction = {
  path: string
  action: FieldAction
  implies: 'inclusion' | 'inclusion unless sliced' | 'exclusion unless _id is kept'
}

export type ProjectionParser = {
  context: ExpressionContext
  /** Takes over a path with its value, or leaves it. */
  special?(path: string, value: unknown): SpecialAction | undefined
}

export type ParsedProjection = { tree: ProjectionTree; mode: ProjectionMode }

/** Reads a projection: fields to keep, fields to drop, or fields to calculate; `_id` stays unless it is dropped. */
export function parseProjection(spec: Doc, parser: ProjectionParser): ParsedProjection {
  const tree: ProjectionTree = new Map()
  const state: Parsing['state'] = { mode: undefined, id: undefined, sliced: false, matched: false }
  addFields(spec, '', { tree, state, parser })
  // A projection of `_id` alone keeps it alone, or drops it alone.
  const keepsOnlyNamed = state.id?.kind === 'keep' || (state.matched && !state.sliced)
  const mode = state.mode ?? (keepsOnlyNamed ? 'inclusion' : 'exclusion')
  const id = state.id ?? (mode === 'inclusion' && !tree.has('_id') ? { kind: 'keep' } : undefined)
  if (id !== undefined && (id.kind !== 'keep' || mode === 'inclusion')) addAction(tree, '_id', id)
  return { tree, mode }
}

type Parsing = {
  tree: ProjectionTree
  state: { mode: ProjectionMode | undefined; id: FieldAction | undefined; sliced: boolean; matched: boolean }
  parser: ProjectionParser
}

function addFields(spec: Doc, prefix: string, parsing: Parsing): void {
  for (const [field, value] of Object.entries(spec)) addField(prefix + field, value, parsing)
}

function addField(path: string, value: unknown, parsing: Parsing): void {
  const { tree, state, parser } = parsing
  const special = parser.special?.(path, value)
  if (special !== undefined) {
    if (special.implies === 'inclusion') chooseMode('inclusion', path, state)
    else if (special.implies === 'inclusion unless sliced') state.matched = true
    else state.sliced = true
    addAction(tree, special.path, special.action)
  } else if (isNumber(value) || typeof value === 'boolean') {
    const action: FieldAction = { kind: isTrue(value) ? 'keep' : 'drop' }
    if (path === '_id') {
      if (state.id !== undefined) throw new CommandError('Location31250', 'Path collision at _id')
      state.id = action
      return
    }
    chooseMode(action.kind === 'keep' ? 'inclusion' : 'exclusion', path, state)
    addAction(tree, path, action)
  } else if (isDoc(value) && !Object.keys(value)[0]?.startsWith('$')) {
    if (Object.keys(value).length === 0) {
      throw new CommandError(
        'Location51270',
        'An empty sub-projection is not a valid value. Found empty object at path',
      )
    }
    addFields(value, `${path}.`, parsing)
  } else {
    if (state.mode === 'exclusion') {
      const code = isDoc(value) ? 'Location31252' : 'Location31310'
      throw new CommandError(code, `Cannot use an expression for ${path} in an exclusion projection`)
    }
    state.mode = 'inclusion'
    const operator = isDoc(value) ? (Object.keys(value)[0] as string) : undefined
    if (operator !== undefined && !isExpressionOperator(operator)) {
      throw new CommandError('Location31325', `Invalid projection :: caused by :: Unknown expression ${operator}`)
    }
    addAction(tree, path, { kind: 'compute', evaluate: compileExpression(value, parser.context) })
  }
}

function chooseMode(mode: ProjectionMode, path: string, state: Parsing['state']): void {
  if (state.mode !== undefined && state.mode !== mode) {
    throw mode === 'inclusion'
      ? new CommandError('Location31253', `Cannot do inclusion on field ${path} in exclusion projection`)
      : new CommandError('Location31254', `Cannot do exclusion on field ${path} in inclusion projection`)
  }
  state.mode = mode
}
