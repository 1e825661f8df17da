import type { Doc } from '../bson.ts'
import { compileFilter } from '../compile-filter.ts'
import { arrayIndex, copyOf, fieldOf, setField, splitPath } from '../field-path.ts'
import { conditionAtPath, type Condition, type DocTest } from '../filter/condition.ts'
import { compileCondition, holdsOperators } from '../filter/field-operators.ts'
import { isDoc } from '../value-type.ts'

/**
 * Compiles a filter to a search for the element that the positional `$` stands for: the first that satisfies what
 * the filter asks of the array at the given path. Where it asks nothing of that array MongoDB takes the index at
 * which another array matched, and so does this.
 */
export function compileMatchedIndex(filter: Doc): (doc: Doc, arrayPath: string) => number | undefined {
  // MongoDB keeps one index per match, the one that it found last.
  const predicates = predicatesOf(filter).toReversed()
  return (doc, arrayPath) => {
    const own = predicates.filter(({ path }) => path === arrayPath || path.startsWith(`${arrayPath}.`))
    const others = predicates.filter((one) => !own.includes(one))
    for (const one of [...own, ...others]) {
      const index = indexOf(doc, one)
      if (index !== undefined) return index
    }
    return undefined
  }
}

type Predicate = { path: string; test: DocTest }

/** The place in the first array on the predicate's path of the element that satisfies it. */
function indexOf(doc: Doc, { path, test }: Predicate): number | undefined {
  const parts = splitPath(path)
  const found = firstArray(doc, parts)
  if (found === undefined) return undefined
  const { array, depth } = found
  // A path that names an index does not go through the elements.
  if (arrayIndex(parts[depth] ?? '') >= 0) return undefined
  const index = array.findIndex((element) => test(withValueAt(doc, parts.slice(0, depth), [element])))
  return index < 0 ? undefined : index
}

/** The first array on a path, and how many of the path's parts lead to it. */
export function firstArray(
  doc: Doc,
  parts: readonly string[],
): { array: readonly unknown[]; depth: number } | undefined {
  let value: unknown = doc
  for (const [place, part] of parts.entries()) {
    value = isDoc(value) ? fieldOf(value, part) : undefined
    if (Array.isArray(value)) return { array: value, depth: place + 1 }
  }
  return undefined
}

/** The conditions that can point at an element: a negation matches by what is not there, `$or` keeps no index. */
function predicatesOf(filter: Doc): Predicate[] {
  return Object.entries(filter).flatMap(([field, operand]) => {
    const branches = Array.isArray(operand) ? operand.filter(isDoc) : []
    if (field === '$and' || (field === '$or' && branches.length === 1)) return branches.flatMap(predicatesOf)
    if (field === '$or') return equalitiesOfOne(branches)
    if (field.startsWith('$')) return []
    return positive(compileCondition(operand, compileFilter)).map((condition) => predicate(field, condition))
  })
}

/** An `$or` of values for one field is an `$in`. */
function equalitiesOfOne(branches: readonly Doc[]): Predicate[] {
  const entries = branches.flatMap((branch) => Object.entries(branch))
  const path = entries[0]?.[0]
  const isIn =
    entries.length === branches.length && entries.every(([field, value]) => field === path && !holdsOperators(value))
  if (path === undefined || path.startsWith('$') || !isIn) return []
  return [predicate(path, compileCondition({ $in: entries.map(([, value]) => value) }, compileFilter))]
}

function predicate(path: string, condition: Condition): Predicate {
  return { path, test: conditionAtPath(path, condition) }
}

function positive(condition: Condition): Condition[] {
  if (condition.kind === 'and') return condition.of.flatMap(positive)
  return condition.kind === 'not' || condition.aboutArray === true ? [] : [condition]
}

/** A copy with the value at a path of documents. */
export function withValueAt(doc: Doc, parts: readonly string[], value: unknown): Doc {
  const [part, ...rest] = parts
  const copy = copyOf(doc)
  const inner = fieldOf(doc, part as string)
  setField(copy, part as string, rest.length === 0 ? value : withValueAt(isDoc(inner) ? inner : {}, rest, value))
  return copy
}
