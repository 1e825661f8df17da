import type { Doc } from '../bson.ts'
import { compileFilter } from '../compile-filter.ts'
import { arrayIndex, copyOf, fieldOf, setField, splitPath } from '../field-path.ts'
import { conditionAtPath, type Condition, type DocTest } from '../filter/condition.ts'
import { compileCondition, holdsOperators } from '../filter/field-operators.ts'
import { isDoc } from '../value-type.ts'

/**
 * Compiles a filter to a search for the index that the positional `$` stands for: that of the first array element
 * that satisfies the condition which MongoDB tests last. A find tests in the order of the filter; an update sorts
 * the conditions before. Which array the index is then used for makes no difference to MongoDB.
 */
export function compileMatchedIndex(filter: Doc, order: 'as written' | 'sorted'): (doc: Doc) => number | undefined {
  const predicates = predicatesOf(filter)
  if (order === 'sorted')
    predicates.sort((a, b) => a.rank - b.rank || Number(a.path > b.path) - Number(a.path < b.path))
  predicates.reverse()
  return (doc) => {
    for (const { path, test } of predicates) {
      const index = indexOf(doc, path, test)
      if (index !== undefined) return index
    }
    return undefined
  }
}

type Predicate = { path: string; test: DocTest; rank: number }

/** Operators in the order in which MongoDB sorts them; what is not here does not point at an element. */
const operatorOrder = [
  '$elemMatch',
  '$eq',
  '$lte',
  '$lt',
  '$gt',
  '$gte',
  '$regex',
  '$mod',
  '$exists',
  '$in',
  '$bits',
  '$type',
]

/** The place in the first array gone through on a path of the element that satisfies a condition. */
function indexOf(doc: Doc, path: string, test: DocTest): number | undefined {
  const parts = splitPath(path)
  const found = arrayGoneThrough(doc, parts)
  if (found === undefined) return undefined
  const { array, depth } = found
  const index = array.findIndex((element) => test(withValueAt(doc, parts.slice(0, depth), [element]) as Doc))
  return index < 0 ? undefined : index
}

/** The first array whose elements a path goes through, and how many parts lead to it. An index in a path is a step. */
function arrayGoneThrough(
  doc: Doc,
  parts: readonly string[],
): { array: readonly unknown[]; depth: number } | undefined {
  let value: unknown = doc
  for (const [place, part] of parts.entries()) {
    value = isDoc(value) ? fieldOf(value, part) : Array.isArray(value) ? value[arrayIndex(part)] : undefined
    const next = arrayIndex(parts[place + 1] ?? '')
    if (Array.isArray(value) && !(next >= 0 && next < value.length)) return { array: value, depth: place + 1 }
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
    if (!holdsOperators(operand)) return positive(field, '$eq', operand)
    return Object.entries(operand).flatMap(([operator, value]) => {
      if (operator === '$options') return []
      const whole =
        operator === '$regex' && '$options' in operand
          ? { $regex: value, $options: operand.$options }
          : { [operator]: value }
      return positive(field, operator, whole)
    })
  })
}

/** An `$or` of values for one field is an `$in`. */
function equalitiesOfOne(branches: readonly Doc[]): Predicate[] {
  const entries = branches.flatMap((branch) => Object.entries(branch))
  const path = entries[0]?.[0]
  const isIn =
    entries.length === branches.length && entries.every(([field, value]) => field === path && !holdsOperators(value))
  if (path === undefined || path.startsWith('$') || !isIn) return []
  return positive(path, '$in', { $in: entries.map(([, value]) => value) })
}

function positive(path: string, operator: string, operand: unknown): Predicate[] {
  const rank = operatorOrder.findIndex((name) => operator.startsWith(name))
  return withoutNegations(compileCondition(operand, compileFilter)).map((condition) => ({
    path,
    rank: operator === '$all' ? operatorOrder.indexOf('$eq') : rank,
    test: conditionAtPath(path, condition),
  }))
}

function withoutNegations(condition: Condition): Condition[] {
  if (condition.kind === 'and') return condition.of.flatMap(withoutNegations)
  return condition.kind === 'not' || condition.aboutArray === true ? [] : [condition]
}

/** A copy with the value at a path, which leads through documents and through indexes of arrays. */
export function withValueAt(holder: unknown, parts: readonly string[], value: unknown): unknown {
  const [part, ...rest] = parts
  if (part === undefined) return value
  if (Array.isArray(holder)) return holder.with(arrayIndex(part), withValueAt(holder[arrayIndex(part)], rest, value))
  const doc = isDoc(holder) ? holder : {}
  const copy = copyOf(doc)
  setField(copy, part, withValueAt(fieldOf(doc, part), rest, value))
  return copy
}
