import { CommandError, unsupported } from '../errors.ts'
import type { Doc } from './bson.ts'
import { compileFilter } from './compile-filter.ts'
import { newContext } from './expression/compile-expression.ts'
import type { Scope } from './expression/evaluate.ts'
import { fieldOf } from './field-path.ts'
import { conditionOnElement } from './filter/condition.ts'
import { compileCondition } from './filter/field-operators.ts'
import { integerArgument } from './integer-argument.ts'
import { compileTree } from './projection/apply-projection.ts'
import { parseProjection, type SpecialAction } from './projection/parse-projection.ts'
import { compileMatchedIndex, withValueAt } from './update/matched-index.ts'
import { isDoc, isNumber } from './value-type.ts'

/**
 * Compiles the projection of a find. `filter` is the find's filter, for the positional `array.$`. An empty
 * specification keeps the document as it is.
 */
export function compileProjection(spec: Doc, filter: Doc = {}): (doc: Doc) => Doc {
  if (Object.keys(spec).length === 0) return (doc) => doc
  let positional: string | undefined
  let matchesElement = false

  const special = (path: string, value: unknown): SpecialAction | undefined => {
    if (path.endsWith('.$')) {
      if (positional !== undefined) {
        throw new CommandError('Location31276', 'Cannot specify more than one positional projection per query.')
      }
      checkPositional(path, value)
      positional = path.slice(0, -2)
      return { path: positional, action: { kind: 'keep' }, implies: 'inclusion' }
    }
    if (!isDoc(value)) return undefined
    const operator = Object.keys(value)[0]
    if (operator === '$meta') throw unsupported('BadValue', 'the projection $meta')
    if (operator === '$slice') return slice(path, value.$slice)
    if (operator !== '$elemMatch') return undefined
    if (positional !== undefined) {
      throw new CommandError('Location31255', 'Cannot specify positional operator and $elemMatch.')
    }
    matchesElement = true
    return elementMatch(path, value.$elemMatch)
  }

  const { tree, mode } = parseProjection(spec, { context: newContext(), special })
  const project = compileTree(tree, mode)
  const plain = (doc: Doc): Doc => project(doc, { root: doc, variables: undefined })
  if (positional === undefined) return plain
  if (matchesElement) {
    throw new CommandError('Location31256', 'Cannot specify positional operator and $elemMatch.')
  }
  return withMatchedElement(plain, positional, filter)
}

function checkPositional(path: string, value: unknown): void {
  if (!isNumber(value) && typeof value !== 'boolean') {
    throw new CommandError(
      'Location31271',
      `positional projection cannot be used with an expression or sub object: ${path}`,
    )
  }
  if (value === false || Number(value) === 0) {
    throw new CommandError('Location31395', `positional projection cannot be used with exclusion: ${path}`)
  }
}

function elementMatch(path: string, condition: unknown): SpecialAction {
  if (path.includes('.')) throw new CommandError('Location31275', 'Cannot use $elemMatch projection on a nested field.')
  if (!isDoc(condition)) throw new CommandError('Location31274', 'elemMatch: Invalid argument, object required')
  const test = conditionOnElement(compileCondition({ $elemMatch: condition }, (inner) => compileFilter(inner, null)))
  const evaluate = ({ root }: Scope): unknown => {
    const array = fieldOf(root, path)
    const element: unknown = Array.isArray(array) ? array.find((one: unknown) => test([one])) : undefined
    return element === undefined ? undefined : [element]
  }
  return { path, action: { kind: 'compute', evaluate }, implies: 'inclusion unless sliced' }
}

/** `$slice` by itself keeps all other fields. */
function slice(path: string, limits: unknown): SpecialAction | undefined {
  const [first, second] = Array.isArray(limits) ? (limits as unknown[]) : [limits, undefined]
  const start = integerArgument(first)
  const count = integerArgument(second)
  // Anything else is the expression operator of the same name.
  if (start === undefined) return undefined
  if (Array.isArray(limits) && (limits.length !== 2 || count === undefined)) return undefined
  if (count !== undefined && count <= 0) {
    throw new CommandError('Location31259', `$slice limit must be positive, got ${count}`)
  }
  const reshape = (value: unknown): unknown => {
    if (!Array.isArray(value)) return value
    if (count === undefined) return start < 0 ? value.slice(start) : value.slice(0, start)
    const from = start < 0 ? Math.max(value.length + start, 0) : start
    return value.slice(from, from + count)
  }
  return { path, action: { kind: 'reshape', reshape }, implies: 'exclusion unless _id is kept' }
}

/** The positional operator works on the first array on its path. */
function withMatchedElement(project: (doc: Doc) => Doc, path: string, filter: Doc): (doc: Doc) => Doc {
  const matchedIndex = compileMatchedIndex(filter, 'as written')
  const parts = path.split('.')
  return (doc) => {
    const projected = project(doc)
    const found = firstArray(projected, parts)
    if (found === undefined) return projected
    const place = parts.slice(0, found.depth)
    const index = matchedIndex(doc)
    if (index === undefined) {
      throw new CommandError('Location51246', "positional operator '.$' couldn't find a matching element in the array")
    }
    if (index >= found.array.length)
      throw new CommandError('Location51247', "positional operator '.$' element mismatch")
    return withValueAt(projected, place, [found.array[index]]) as Doc
  }
}

/** The first array on a path through documents, and how many of the path's parts lead to it. */
function firstArray(doc: Doc, parts: readonly string[]): { array: readonly unknown[]; depth: number } | undefined {
  let value: unknown = doc
  for (const [place, part] of parts.entries()) {
    value = isDoc(value) ? fieldOf(value, part) : undefined
    if (Array.isArray(value)) return { array: value, depth: place + 1 }
  }
  return undefined
}
