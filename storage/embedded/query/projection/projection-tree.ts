import { CommandError } from '../../errors.ts'
import type { Evaluate } from '../expression/evaluate.ts'
import { splitPath } from '../field-path.ts'

/** What happens to one field. */
export type FieldAction =
  | { kind: 'keep' }
  | { kind: 'drop' }
  /** The value is calculated from the whole document. */
  | { kind: 'compute'; evaluate: Evaluate }
  /** The value is kept and changed in place. */
  | { kind: 'reshape'; reshape(value: unknown): unknown }
  | { kind: 'inside'; tree: ProjectionTree }

/** What happens to the fields of a document, in the order in which the specification named them. */
export type ProjectionTree = Map<string, FieldAction>

/** Adds an action at a path. Refuses two actions for one path, or for a path and one inside it. */
export function addAction(tree: ProjectionTree, path: string, action: FieldAction): void {
  const parts = checkedPath(path)
  let level = tree
  for (const part of parts.slice(0, -1)) {
    const existing = level.get(part)
    if (existing === undefined) {
      const inner: ProjectionTree = new Map()
      level.set(part, { kind: 'inside', tree: inner })
      level = inner
    } else if (existing.kind === 'inside') {
      level = existing.tree
    } else {
      throw new CommandError('Location31249', `Path collision at ${path}`)
    }
  }
  const last = parts.at(-1) as string
  if (level.has(last)) throw new CommandError('Location31250', `Path collision at ${path}`)
  level.set(last, action)
}

function checkedPath(path: string): string[] {
  const parts = splitPath(path)
  if (path === '') throw new CommandError('Location40352', 'FieldPath cannot be constructed with empty string')
  if (parts.includes('')) throw new CommandError('Location15998', 'FieldPath field names may not be empty strings.')
  if (parts.some((part, place) => part.startsWith('$') && !(place > 0 && ['$id', '$ref', '$db'].includes(part)))) {
    throw new CommandError('Location16410', `FieldPath field names may not start with '$': '${path}'`)
  }
  return parts
}
