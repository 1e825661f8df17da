import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { arrayIndex, copyOf, fieldOf, setField } from '../field-path.ts'
import { identical } from '../identical.ts'
import { isDoc } from '../value-type.ts'
import type { FieldUpdate, UpdateContext } from './field-update.ts'

/** As MongoDB, which refuses to fill an array with more nulls than this in one update. */
const longestPadding = 1_500_000

/** An update whose path is split once, when it is compiled. */
export type PlacedUpdate = FieldUpdate & { parts: readonly string[] }

/** One update being applied to one document. */
export type PathWalk = {
  update: PlacedUpdate
  context: UpdateContext
  /** The names that led here; those of positional components are the indexes they turned out to be. */
  trail: string[]
  /** The indexes that a `$`, `$[]` or `$[name]` component stands for in the array at a path. */
  indexesOf(component: string, trail: readonly string[]): readonly number[]
  /** Called with every path that the components turned out to name. */
  visited: ((path: string) => void) | undefined
}

/** Applies an update at its path. Returns a new document, or the same when nothing changed. */
export function applyAtPath(doc: Doc, walk: PathWalk): Doc {
  return intoDoc(doc, walk, 0)
}

function intoDoc(doc: Doc, walk: PathWalk, depth: number): Doc {
  const name = walk.update.parts[depth] as string
  if (isPositional(name)) throw notAnArray(walk, depth)
  const old = fieldOf(doc, name)
  walk.trail[depth] = name
  const value = inside(old, walk, depth + 1)
  if (value === old && (old !== undefined || !Object.hasOwn(doc, name))) return doc
  const copy = copyOf(doc)
  if (value === undefined) delete copy[name]
  else setField(copy, name, value)
  return copy
}

function intoArray(array: readonly unknown[], walk: PathWalk, depth: number): readonly unknown[] {
  const name = walk.update.parts[depth] as string
  if (!isPositional(name)) {
    const index = arrayIndex(name)
    if (index >= 0) return atIndex(array, index, { walk, depth })
    checkPositions(walk, depth)
    if (walk.update.missingPath !== 'ignore') throw notViable(name, walk, depth)
    return array
  }
  let result = array
  for (const index of walk.indexesOf(name, walk.trail.slice(0, depth))) {
    result = atIndex(result, index, { walk, depth })
  }
  return result
}

function atIndex(
  array: readonly unknown[],
  index: number,
  { walk, depth }: { walk: PathWalk; depth: number },
): readonly unknown[] {
  const old = array[index]
  walk.trail[depth] = String(index)
  const value = inside(old, walk, depth + 1)
  if (value === old) return array
  if (index - array.length > longestPadding) {
    throw new CommandError('CannotBackfillArray', `can't backfill more than ${longestPadding} array elements`)
  }
  const copy = [...array]
  while (copy.length < index) copy.push(null)
  // An array keeps its places: what is taken away leaves a null.
  copy[index] = value ?? null
  return copy
}

/** The value at this place after the change, which happens here or further down. */
function inside(old: unknown, walk: PathWalk, depth: number): unknown {
  const { update } = walk
  if (depth === update.parts.length) {
    walk.visited?.(placeOf(walk, depth))
    const value = update.change(old, walk.context)
    return old !== undefined && value !== undefined && identical(old, value) ? old : value
  }
  if (Array.isArray(old)) return intoArray(old, walk, depth)
  if (isDoc(old)) return intoDoc(old, walk, depth)
  const name = update.parts[depth] as string
  if (isPositional(name)) throw notAnArray(walk, depth)
  checkPositions(walk, depth)
  if (update.missingPath === 'ignore') return old
  if (old !== undefined) throw notViable(name, walk, depth)
  if (update.missingPath === 'leave') return undefined
  const made = intoDoc({}, walk, depth)
  return Object.keys(made).length === 0 ? undefined : made
}

/** Where the path cannot be followed, the arrays that its further components name cannot be found, whatever is missing. */
function checkPositions(walk: PathWalk, depth: number): void {
  if (walk.visited === undefined) return
  for (const name of walk.update.parts.slice(depth)) {
    if (name === '$') walk.indexesOf(name, [])
    else if (isPositional(name)) throw notAnArray(walk, depth)
  }
}

/** Whether a path component stands for indexes that the document decides. */
export function isPositional(component: string): boolean {
  return component.startsWith('$') && (component === '$' || (component.startsWith('$[') && component.endsWith(']')))
}

function placeOf(walk: PathWalk, depth: number): string {
  return walk.trail.slice(0, depth).join('.')
}

function notViable(name: string, walk: PathWalk, depth: number): CommandError {
  return new CommandError('PathNotViable', `Cannot create field '${name}' in element '${placeOf(walk, depth)}'`)
}

function notAnArray(walk: PathWalk, depth: number): CommandError {
  return new CommandError(
    'BadValue',
    `The path '${placeOf(walk, depth)}' must exist in the document and be an array in order to apply array updates.`,
  )
}
