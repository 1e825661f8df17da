import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { arrayIndex, copyOf, fieldOf, setField } from '../field-path.ts'
import { identical } from '../identical.ts'
import { isDoc } from '../value-type.ts'

/** As MongoDB, which refuses to fill an array with more nulls than this in one update. */
const longestPadding = 1_500_000

export type PathChange = {
  parts: readonly string[]
  creates: boolean
  change(old: unknown): unknown
  /** The indexes of an array that a `$`, `$[]` or `$[name]` component stands for. */
  indexesOf(component: string, array: readonly unknown[], place: string): readonly number[]
  /** Called with every path that the components turned out to name. */
  visited(path: string): void
}

/** Applies a change at a path. Returns a new document, or the same when nothing changed. */
export function applyAtPath(doc: Doc, change: PathChange): Doc {
  return intoDoc(doc, { ...change, depth: 0, place: '' })
}

type Step = PathChange & { depth: number; place: string }

function intoDoc(doc: Doc, step: Step): Doc {
  const name = step.parts[step.depth] as string
  if (isPositional(name)) throw notAnArray(step)
  const old = fieldOf(doc, name)
  const value = inside(old, below(step, name))
  if (value === old && (old !== undefined || !Object.hasOwn(doc, name))) return doc
  const copy = copyOf(doc)
  if (value === undefined) delete copy[name]
  else setField(copy, name, value)
  return copy
}

function intoArray(array: readonly unknown[], step: Step): readonly unknown[] {
  const name = step.parts[step.depth] as string
  if (!isPositional(name)) {
    const index = arrayIndex(name)
    if (index >= 0) return atIndex(array, index, step)
    if (step.creates) throw notViable(name, step)
    return array
  }
  let result = array
  for (const index of step.indexesOf(name, array, step.place)) result = atIndex(result, index, step)
  return result
}

function atIndex(array: readonly unknown[], index: number, step: Step): readonly unknown[] {
  const old = array[index]
  const value = inside(old, below(step, String(index)))
  if (value === old) return array
  if (index - array.length > longestPadding) {
    throw new CommandError('BadValue', `can't backfill more than ${longestPadding} array elements`)
  }
  const copy = [...array]
  while (copy.length < index) copy.push(null)
  // An array keeps its places: what is taken away leaves a null.
  copy[index] = value ?? null
  return copy
}

/** The value at this place after the change, which happens here or further down. */
function inside(old: unknown, step: Step): unknown {
  if (step.depth === step.parts.length) {
    step.visited(step.place)
    const value = step.change(old)
    return old !== undefined && value !== undefined && identical(old, value) ? old : value
  }
  if (Array.isArray(old)) return intoArray(old, step)
  if (isDoc(old)) return intoDoc(old, step)
  const name = step.parts[step.depth] as string
  if (isPositional(name)) {
    if (old === undefined && !step.creates && name === '$') return undefined
    throw notAnArray(step)
  }
  if (!step.creates) return old
  if (old !== undefined) throw notViable(name, step)
  const made = intoDoc({}, step)
  return Object.keys(made).length === 0 ? undefined : made
}

function below(step: Step, name: string): Step {
  return { ...step, depth: step.depth + 1, place: step.place === '' ? name : `${step.place}.${name}` }
}

/** Whether a path component stands for indexes that the document decides. */
export function isPositional(component: string): boolean {
  return component === '$' || (component.startsWith('$[') && component.endsWith(']'))
}

function notViable(name: string, step: Step): CommandError {
  return new CommandError('PathNotViable', `Cannot create field '${name}' in element '${step.place}'`)
}

function notAnArray(step: Step): CommandError {
  return new CommandError(
    'BadValue',
    `The path '${step.place}' must exist in the document and be an array in order to apply array updates.`,
  )
}
