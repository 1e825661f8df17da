import { CommandError, unsupported } from '../errors.ts'
import type { Doc } from './bson.ts'
import { compileFilter } from './compile-filter.ts'
import { newContext } from './expression/compile-expression.ts'
import { compileCondition, holdsOperators } from './filter/field-operators.ts'
import { conditionOnElement } from './filter/condition.ts'
import { fieldOf, setField } from './field-path.ts'
import { integerArgument } from './integer-argument.ts'
import { compileTree } from './projection/apply-projection.ts'
import { parseProjection, type SpecialAction } from './projection/parse-projection.ts'
import { compileMatchedIndex } from './update/matched-index.ts'
import { isDoc } from './value-type.ts'

/**
 * Compiles the projection of a find. `filter` is the find's filter, for the positional `array.$`. An empty
 * specification keeps the document as it is.
 */
export function compileProjection(spec: Doc, filter: Doc = {}): (doc: Doc) => Doc {
  if (Object.keys(spec).length === 0) return (doc) => doc
  let positional: string | undefined

  const special = (path: string, value: unknown): SpecialAction | undefined => {
    if (path.endsWith('.$')) {
      if (positional !== undefined)
        throw new CommandError('Location31276', 'Cannot specify more than one positional projection per query.')
      positional = path.slice(0, -2)
      return { path: positional, action: { kind: 'keep' }, mode: 'inclusion' }
    }
    if (!isDoc(value)) return undefined
    if (Object.hasOwn(value, '$elemMatch')) return elementMatch(path, value.$elemMatch)
    if (Object.hasOwn(value, '$slice')) return slice(path, value.$slice)
    if (Object.hasOwn(value, '$meta')) throw unsupported('BadValue', 'the projection $meta')
    return undefined
  }

  const { tree, mode } = parseProjection(spec, { context: newContext(), special })
  const project = compileTree(tree, mode)
  const plain = (doc: Doc): Doc => project(doc, { root: doc, variables: undefined })
  return positional === undefined ? plain : withMatchedElement(plain, positional, filter)
}

function elementMatch(path: string, condition: unknown): SpecialAction {
  if (path.includes('.')) throw new CommandError('Location31275', 'Cannot use $elemMatch projection on a nested field')
  if (!isDoc(condition)) throw new CommandError('Location31274', 'elemMatch: Invalid argument, object required')
  const test = elementTest(condition)
  const evaluate = ({ root }: { root: Doc }): unknown => {
    const array = fieldOf(root, path)
    const element: unknown = Array.isArray(array) ? array.find((one) => test(one)) : undefined
    return element === undefined ? undefined : [element]
  }
  return { path, action: { kind: 'compute', evaluate }, mode: 'inclusion' }
}

function elementTest(condition: Doc): (element: unknown) => boolean {
  const first = Object.keys(condition)[0] ?? ''
  if (holdsOperators(condition) && !['$and', '$or', '$nor', '$expr'].includes(first)) {
    return conditionOnElement(compileCondition(condition, compileFilter))
  }
  const test = compileFilter(condition)
  return (element) => isDoc(element) && test(element)
}

/** `$slice` by itself keeps all other fields, so it decides nothing about them. */
function slice(path: string, limits: unknown): SpecialAction | undefined {
  if (Array.isArray(limits) && limits.length === 3) return undefined
  const [first, second] = Array.isArray(limits) ? limits : [limits, undefined]
  const start = integerArgument(first)
  const count = second === undefined ? undefined : integerArgument(second)
  // Anything else is the expression operator of the same name.
  if (start === undefined || (Array.isArray(limits) && count === undefined)) return undefined
  if (count !== undefined && count <= 0) {
    throw new CommandError('Location28724', `The $slice count must be positive, found: ${count}`)
  }
  const reshape = (value: unknown): unknown => {
    if (!Array.isArray(value)) return value
    if (count === undefined) return start < 0 ? value.slice(start) : value.slice(0, start)
    const from = start < 0 ? Math.max(value.length + start, 0) : start
    return value.slice(from, from + count)
  }
  return { path, action: { kind: 'reshape', reshape } }
}

function withMatchedElement(project: (doc: Doc) => Doc, path: string, filter: Doc): (doc: Doc) => Doc {
  const matchedIndex = compileMatchedIndex(filter)
  const parts = path.split('.')
  return (doc) => {
    const array = parts.reduce<unknown>((value, part) => (isDoc(value) ? fieldOf(value, part) : undefined), doc)
    if (!Array.isArray(array)) return project(doc)
    const index = matchedIndex(doc, path)
    if (index === undefined) {
      throw new CommandError('Location51246', "positional operator '.$' couldn't find a matching element in the array")
    }
    return withValueAt(project(doc), parts, [array[index]])
  }
}

function withValueAt(doc: Doc, [part, ...rest]: readonly string[], value: unknown): Doc {
  const copy = { ...doc }
  setField(copy, part as string, rest.length === 0 ? value : withValueAt(doc[part as string] as Doc, rest, value))
  return copy
}
