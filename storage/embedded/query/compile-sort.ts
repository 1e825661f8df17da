import { CommandError, unsupported } from '../errors.ts'
import type { Doc } from './bson.ts'
import { compareValues } from './compare-values.ts'
import { splitPath, fieldOf } from './field-path.ts'
import { indexEntries } from './index-entries.ts'
import { integerArgument } from './integer-argument.ts'
import { isDoc } from './value-type.ts'

/**
 * Compiles a sort specification to a comparison. An array sorts by its smallest element ascending, by its largest
 * descending, an empty one before null.
 */
export function compileSort(spec: Doc): (a: Doc, b: Doc) => number {
  const directions = Object.entries(spec).map(([path, direction]) => directionOf(path, direction))
  const compareKeys = (a: readonly unknown[], b: readonly unknown[]): number => {
    for (let index = 0; index < directions.length; index++) {
      const order = compareValues(a[index], b[index])
      if (order !== 0) return order * (directions[index] as number)
    }
    return 0
  }
  const readers = Object.keys(spec).map(compileReader)
  const keys = new WeakMap<Doc, unknown[]>()

  const keyOf = (doc: Doc): unknown[] => {
    const known = keys.get(doc)
    if (known !== undefined) return known
    const values = readers.map((read) => read(doc))
    const key = values.includes(arrayOnPath) ? firstOf(tuplesOf(doc, spec), compareKeys) : values
    keys.set(doc, key)
    return key
  }
  return (a, b) => compareKeys(keyOf(a), keyOf(b))
}

function directionOf(path: string, direction: unknown): 1 | -1 {
  if (path === '') throw new CommandError('BadValue', 'FieldPath cannot be constructed with empty string')
  if (isDoc(direction)) throw unsupported('BadValue', `sorting by ${Object.keys(direction)[0] ?? '{}'}`)
  const number = integerArgument(direction)
  if (number === 1 || number === -1) return number
  throw new CommandError('BadValue', `$sort key ordering must be 1 (for ascending) or -1 (for descending)`)
}

const arrayOnPath = Symbol('array on the path')

/** Reads the value at a path, or says that an array has to be looked into. */
function compileReader(path: string): (doc: Doc) => unknown {
  const parts = splitPath(path)
  return (doc) => {
    let value: unknown = doc
    for (const part of parts) {
      if (Array.isArray(value)) return arrayOnPath
      value = isDoc(value) ? fieldOf(value, part) : undefined
    }
    return Array.isArray(value) ? arrayOnPath : value
  }
}

function tuplesOf(doc: Doc, spec: Doc): unknown[][] {
  try {
    return indexEntries(doc, spec)
  } catch (error) {
    if (error instanceof CommandError && error.codeName === 'CannotIndexParallelArrays') {
      throw new CommandError('BadValue', 'cannot sort with keys that are parallel arrays')
    }
    throw error
  }
}

function firstOf(tuples: unknown[][], compare: (a: unknown[], b: unknown[]) => number): unknown[] {
  return tuples.reduce((best, tuple) => (compare(tuple, best) < 0 ? tuple : best))
}
