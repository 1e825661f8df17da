import type { Doc } from '../bson.ts'
import { compileFilter } from '../compile-filter.ts'
import { copyOf, fieldOf, setField } from '../field-path.ts'
import { conditionAtPath, type Condition, type DocTest } from '../filter/condition.ts'
import { compileCondition } from '../filter/field-operators.ts'
import { isDoc } from '../value-type.ts'

/**
 * Compiles a filter to a search for the element that the positional `$` stands for: the first one of the array at
 * the given path that satisfies what the filter asks of that array.
 */
export function compileMatchedIndex(filter: Doc): (doc: Doc, arrayPath: string) => number | undefined {
  const predicates = predicatesOf(filter)
  return (doc, arrayPath) => {
    const parts = arrayPath.split('.')
    const array = parts.reduce<unknown>((value, part) => (isDoc(value) ? fieldOf(value, part) : undefined), doc)
    if (!Array.isArray(array)) return undefined
    // MongoDB keeps one index per match, the one found last.
    for (const { path, test } of predicates.toReversed()) {
      if (path !== arrayPath && !path.startsWith(`${arrayPath}.`)) continue
      const index = array.findIndex((element) => test(withValueAt(doc, parts, [element])))
      if (index >= 0) return index
    }
    return undefined
  }
}

type Predicate = { path: string; test: DocTest }

/** The conditions that can point at an element: a negation matches by what is not there. */
function predicatesOf(filter: Doc): Predicate[] {
  return Object.entries(filter).flatMap(([field, operand]) => {
    if (field === '$and' || field === '$or') {
      return Array.isArray(operand) ? operand.filter(isDoc).flatMap(predicatesOf) : []
    }
    if (field.startsWith('$')) return []
    return positive(compileCondition(operand, compileFilter)).map((condition) => ({
      path: field,
      test: conditionAtPath(field, condition),
    }))
  })
}

function positive(condition: Condition): Condition[] {
  if (condition.kind === 'and') return condition.of.flatMap(positive)
  return condition.kind === 'not' ? [] : [condition]
}

function withValueAt(doc: Doc, parts: readonly string[], value: unknown): Doc {
  const [part, ...rest] = parts
  const copy = copyOf(doc)
  setField(
    copy,
    part as string,
    rest.length === 0 ? value : withValueAt(fieldOf(doc, part as string) as Doc, rest, value),
  )
  return copy
}
