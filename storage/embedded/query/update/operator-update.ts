import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'
import { arrayIndex, fieldOf, splitWritablePath } from '../field-path.ts'
import { isDoc, typeOf } from '../value-type.ts'
import { applyAtPath, isPositional, type PlacedUpdate } from './apply-at-path.ts'
import { arrayOperators } from './array-operators.ts'
import { type ArrayFilters, compileArrayFilters } from './array-filters.ts'
import { PathConflicts } from './conflicts.ts'
import type { OperatorCompiler, UpdateContext } from './field-update.ts'
import { compileMatchedIndex } from './matched-index.ts'
import { rename } from './rename.ts'
import { scalarOperators } from './scalar-operators.ts'

const operators: Readonly<Record<string, OperatorCompiler>> = { ...scalarOperators, ...arrayOperators, $rename: rename }

/** Compiles `{ $set: …, $inc: … }` to a function from the old document to the new one. */
export function compileOperatorUpdate(
  update: Doc,
  { filter, arrayFilters }: { filter?: Doc; arrayFilters?: Doc[] },
): (context: UpdateContext) => Doc {
  const filters = compileArrayFilters(arrayFilters ?? [])
  const updates = compileOperators(update)
  checkIdentifiers(updates, filters)
  const positional = updates.some(({ parts }) => parts.some(isPositional))
  const matchedIndex = positional && filter !== undefined ? compileMatchedIndex(filter, 'sorted') : () => undefined

  const indexesIn =
    ({ original }: UpdateContext) =>
    (component: string, trail: readonly string[]): readonly number[] => {
      if (component === '$') {
        const index = matchedIndex(original)
        if (index !== undefined) return [index]
        throw new CommandError('BadValue', 'The positional operator did not find the match needed from the query.')
      }
      // As it was before: what another operator has written is not looked at.
      const array = arrayAt(original, trail)
      const all = [...array.keys()]
      const test = filters.get(component.slice(2, -1))
      return test === undefined ? all : all.filter((index) => test(array[index]))
    }

  return (context) => {
    // Only positional components can turn out to name a path twice, the others were checked when compiled.
    const conflicts = positional ? new PathConflicts() : undefined
    const visited = conflicts === undefined ? undefined : (path: string) => conflicts.add(path)
    const indexesOf = indexesIn(context)
    let doc = context.original
    for (const one of updates) {
      if (one.applies?.(context) === false) continue
      const before = doc
      doc = applyAtPath(doc, { update: one, context, trail: [], indexesOf, visited })
      if (doc !== before && one.parts[0]?.startsWith('$') === true && !context.inserting) checkTaken(one, doc)
    }
    return doc
  }
}

/** The array at a path of names and indexes, where all updates that could have changed it would conflict. */
function arrayAt(doc: Doc, trail: readonly string[]): readonly unknown[] {
  let value: unknown = doc
  for (const part of trail) {
    value = isDoc(value) ? fieldOf(value, part) : Array.isArray(value) ? value[arrayIndex(part)] : undefined
  }
  return Array.isArray(value) ? value : []
}

function compileOperators(update: Doc): PlacedUpdate[] {
  const updates: PlacedUpdate[] = []
  const conflicts = new PathConflicts()
  for (const [operator, operand] of Object.entries(update)) {
    const compile = Object.hasOwn(operators, operator) ? operators[operator] : undefined
    if (compile === undefined) {
      throw new CommandError(
        'FailedToParse',
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      )
    }
    if (!isDoc(operand)) {
      throw new CommandError(
        'FailedToParse',
        `Modifiers operate on fields but we found type ${typeOf(operand)} instead. For example: {$mod: {<field>: ...}} not {${operator}: ...}`,
      )
    }
    for (const [path, value] of Object.entries(operand)) {
      for (const one of compile(path, value)) {
        conflicts.add(one.path)
        updates.push({ ...one, parts: checkedParts(one.path) })
      }
    }
  }
  // MongoDB goes through the fields in the order of their names, and so adds new ones in that order.
  return updates.toSorted((a, b) => compareParts(a.parts, b.parts))
}

function checkedParts(path: string): string[] {
  const parts = splitWritablePath(path)
  if (isPositional(parts[0] as string)) {
    throw new CommandError(
      'BadValue',
      `Cannot have positional (i.e. '$') element in the first position in path '${path}'`,
    )
  }
  if (parts.filter((part) => part === '$').length > 1) {
    throw new CommandError('BadValue', `Too many positional (i.e. '$') elements found in path '${path}'`)
  }
  return parts
}

/** Since 5.0 a field may begin with a dollar, but at the top level only inserts may write one. */
function checkTaken({ parts, path }: PlacedUpdate, doc: Doc): void {
  const field = parts[0] as string
  if (!Object.hasOwn(doc, field)) return
  throw new CommandError(
    'DollarPrefixedFieldName',
    `The dollar ($) prefixed field '${field}' in '${path}' is not valid for storage.`,
  )
}

function checkIdentifiers(updates: readonly PlacedUpdate[], filters: ArrayFilters): void {
  const unused = new Set(filters.keys())
  for (const { path, parts } of updates) {
    for (const part of parts) {
      const identifier = part.startsWith('$[') ? part.slice(2, -1) : ''
      if (identifier === '') continue
      if (!filters.has(identifier)) {
        throw new CommandError('BadValue', `No array filter found for identifier '${identifier}' in path '${path}'`)
      }
      unused.delete(identifier)
    }
  }
  const [first] = unused
  if (first !== undefined) {
    throw new CommandError('FailedToParse', `The array filter for identifier '${first}' was not used in the update`)
  }
}

function compareParts(a: readonly string[], b: readonly string[]): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const [x, y] = [a[index] as string, b[index] as string]
    if (x === y) continue
    const numeric = /^\d+$/.test(x) && /^\d+$/.test(y)
    return (numeric ? Number(x) - Number(y) : 0) || (x < y ? -1 : 1)
  }
  return a.length - b.length
}
