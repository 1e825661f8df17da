import type { Doc } from '../bson.ts'
import type { Scope } from '../expression/evaluate.ts'
import { setField } from '../field-path.ts'
import { isDoc } from '../value-type.ts'
import type { FieldAction, ProjectionTree } from './projection-tree.ts'

/** Whether fields that the tree does not name stay. */
export type ProjectionMode = 'inclusion' | 'exclusion'

/** Compiles a tree to a function from a document to its projection. */
export function compileTree(tree: ProjectionTree, mode: ProjectionMode): (doc: Doc, scope: Scope) => Doc {
  const computes = holdsComputed(tree)
  return (doc, scope) => {
    const result = select(doc, tree, mode)
    if (computes) compute(result, tree, scope)
    return result
  }
}

function holdsComputed(tree: ProjectionTree): boolean {
  return [...tree.values()].some(
    (action) => action.kind === 'compute' || (action.kind === 'inside' && holdsComputed(action.tree)),
  )
}

/** The first pass: fields of the document that stay, in its order. */
function select(doc: Doc, tree: ProjectionTree, mode: ProjectionMode): Doc {
  const result: Doc = {}
  for (const [field, value] of Object.entries(doc)) {
    const kept = selected(value, tree.get(field), mode)
    if (kept !== undefined) setField(result, field, kept)
  }
  return result
}

function selected(value: unknown, action: FieldAction | undefined, mode: ProjectionMode): unknown {
  switch (action?.kind) {
    case 'keep':
      return value
    case 'drop':
      return undefined
    case 'reshape':
      return action.reshape(value)
    case 'inside':
      return selectInside(value, action.tree, mode)
    // A calculated field that was there keeps its place, unless only chosen fields are kept.
    default:
      return mode === 'exclusion' ? value : undefined
  }
}

function selectInside(value: unknown, tree: ProjectionTree, mode: ProjectionMode): unknown {
  if (isDoc(value)) return select(value, tree, mode)
  if (Array.isArray(value)) {
    return value.map((element: unknown) => selectInside(element, tree, mode)).filter((element) => element !== undefined)
  }
  if (mode === 'exclusion') return value
  // What is no document makes room for one in which something is to be calculated.
  return holdsComputed(tree) ? {} : undefined
}

/** The second pass: calculated fields, in the specification's order. */
function compute(result: Doc, tree: ProjectionTree, scope: Scope): void {
  for (const [field, action] of tree) {
    if (action.kind === 'compute') {
      const value = action.evaluate(scope)
      if (value === undefined) delete result[field]
      else setField(result, field, value)
    } else if (action.kind === 'inside' && holdsComputed(action.tree)) {
      const held = Object.hasOwn(result, field) ? result[field] : undefined
      setField(result, field, computeInside(held, action.tree, scope))
    }
  }
}

function computeInside(value: unknown, tree: ProjectionTree, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => computeInside(element, tree, scope))
  const result = isDoc(value) ? { ...value } : {}
  compute(result, tree, scope)
  return result
}
