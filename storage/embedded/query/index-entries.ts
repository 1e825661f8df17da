import { CommandError } from '../errors.ts'
import type { Doc } from './bson.ts'
import { arrayIndex, fieldOf, splitPath } from './field-path.ts'
import { emptyArrayKey, isDoc } from './value-type.ts'

const compiledPatterns = new WeakMap<Doc, string[][]>()

/**
 * The tuples of values that a document contributes to an index, one for each element of the one array among the
 * pattern's paths. A missing value is undefined, an empty array {@link emptyArrayKey}. Tuples may repeat.
 */
export function indexEntries(doc: Doc, keyPattern: Doc): unknown[][] {
  let paths = compiledPatterns.get(keyPattern)
  if (paths === undefined) {
    paths = Object.keys(keyPattern).map(splitPath)
    compiledPatterns.set(keyPattern, paths)
  }
  const entries: unknown[][] = []
  expand(doc, { rests: paths, fixed: paths.map(() => undefined), entries })
  return entries
}

type Expansion = {
  /** What is left of each path below the document at hand; undefined once its value is fixed. */
  rests: readonly (readonly string[] | undefined)[]
  fixed: readonly unknown[]
  entries: unknown[][]
}

function expand(holder: Doc, { rests, fixed, entries }: Expansion): void {
  const values = [...fixed]
  const remaining = new Map<number, readonly string[]>()
  let array: unknown[] | undefined
  for (const [index, rest] of rests.entries()) {
    if (rest === undefined) continue
    const found = descend(holder, rest)
    if (!Array.isArray(found.value) || found.whole) {
      values[index] = found.value
      continue
    }
    if (array !== undefined && array !== found.value) {
      throw new CommandError('CannotIndexParallelArrays', 'cannot index parallel arrays')
    }
    array = found.value
    remaining.set(index, found.rest)
  }
  if (array === undefined) {
    entries.push(values)
    return
  }
  for (const element of array.length === 0 ? [emptyArrayKey] : array) {
    const inner: (readonly string[] | undefined)[] = rests.map(() => undefined)
    const known = [...values]
    for (const [index, rest] of remaining) {
      if (rest.length === 0) known[index] = element
      else inner[index] = rest
    }
    expand(isDoc(element) ? element : {}, { rests: inner, fixed: known, entries })
  }
}

type Descent = {
  value: unknown
  rest: readonly string[]
  /** An array that the path named by its index is a value like any other. */
  whole: boolean
}

/** Follows a path to its value or to the first array, entering an array only where the path names an index of it. */
function descend(holder: Doc, path: readonly string[]): Descent {
  let value: unknown = holder
  let whole = false
  for (let part = 0; part < path.length; part++) {
    const name = path[part] as string
    if (Array.isArray(value)) {
      const index = arrayIndex(name)
      if (
        index >= 0 &&
        index < value.length &&
        value.some((element) => isDoc(element) && Object.hasOwn(element, name))
      ) {
        throw new CommandError(
          'Location16746',
          `Ambiguous field name found in array (do not use numeric field names in embedded elements in an array), field: '${name}'`,
        )
      }
      if (index < 0 || index >= value.length) return { value, rest: path.slice(part), whole: false }
      value = value[index]
      whole = true
    } else if (isDoc(value)) {
      value = fieldOf(value, name)
      whole = false
    } else {
      return { value: undefined, rest: [], whole: false }
    }
  }
  return { value, rest: [], whole }
}
