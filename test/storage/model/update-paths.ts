import type { Document } from 'bson'
import { modelMatches } from '../query/filter-model.ts'
import { isDocument } from './order.ts'
import type { Change } from './update-operators.ts'
import { refuse, Unspecified } from './unspecified.ts'

/** What `$` and `$[name]` stand for. */
export type Positions = {
  readonly filter: Document
  readonly arrayFilters: ReadonlyMap<string, Document>
  readonly original: Document
}

export function isArrayUpdate(part: string): boolean {
  return part.startsWith('$[') && part.endsWith(']')
}

/** The paths of one document that a path with `$`, `$[]` and `$[name]` names. */
export function expand(path: readonly string[], positions: Positions): string[][] {
  return expandFrom([], path, positions)
}

function expandFrom(begin: readonly string[], [part, ...rest]: readonly string[], positions: Positions): string[][] {
  if (part === undefined) return [[...begin]]
  const value = begin.reduce<unknown>(child, positions.original)
  const further = (name: string): string[][] => expandFrom([...begin, name], rest, positions)
  if (part === '$') {
    const { array, index } = matchedElement(positions)
    if (begin.join('.') !== array.join('.')) throw new Unspecified('$ in an array that the filter does not name')
    return further(String(index))
  }
  if (!isArrayUpdate(part)) return further(part)
  if (!Array.isArray(value)) return refuse(2)
  const name = part.slice(2, -1)
  const filter = positions.arrayFilters.get(name)
  return [...value.keys()]
    .filter((index) => filter === undefined || modelMatches({ [name]: value[index] as unknown }, filter))
    .flatMap((index) => further(String(index)))
}

export function child(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return isIndex(name) ? (value[Number(name)] as unknown) : undefined
  return isDocument(value) && Object.hasOwn(value, name) ? (value[name] as unknown) : undefined
}

export function isIndex(name: string): boolean {
  return /^(0|[1-9]\d*)$/.test(name)
}

/** The first element of the array on the filter's path which alone would do for the condition. */
function matchedElement({ filter, original }: Positions): { array: readonly string[]; index: number } {
  const [condition, ...more] = Object.entries(filter).filter(([field]) => field !== '_id')
  if (condition === undefined) return refuse(2)
  const [path, operand] = condition as [string, unknown]
  // The one that the server tests last decides.
  if (more.length > 0 || (isDocument(operand) && Object.keys(operand)[1]?.startsWith('$') === true)) {
    throw new Unspecified('$ with several conditions')
  }
  const parts = path.split('.')
  for (let depth = 1; depth <= parts.length; depth++) {
    const value = parts.slice(0, depth).reduce<unknown>(child, original)
    if (!Array.isArray(value)) continue
    if (depth < parts.length && isIndex(parts[depth] as string)) throw new Unspecified('$ below an index')
    const rest = ['it', ...parts.slice(depth)].join('.')
    const index = value.findIndex((element) => modelMatches({ it: [element as unknown] }, { [rest]: operand }))
    return index < 0 ? refuse(2) : { array: parts.slice(0, depth), index }
  }
  return refuse(2)
}

/** The document with one change made at one path that names no positions any more. */
export function changeAt(doc: Document, path: readonly string[], change: Change): Document {
  return within(doc, path, change) as Document
}

function within(value: unknown, path: readonly string[], change: Change): unknown {
  const [name, ...rest] = path
  if (name === undefined) return change.of(value)
  if (value === undefined) return change.kind === 'makes' ? { [name]: within(undefined, rest, change) } : undefined
  if (isDocument(value)) {
    const inner = within(child(value, name), rest, change)
    const { [name]: _old, ...without } = value
    if (inner === undefined) return without
    return { ...value, [name]: inner }
  }
  if (Array.isArray(value) && isIndex(name)) {
    const inner = within(child(value, name), rest, change)
    const length = inner === undefined ? value.length : Math.max(value.length, Number(name) + 1)
    // An array keeps its places: what is missing or taken away is null.
    return Array.from(
      { length },
      (_none, index) => (String(index) === name ? inner : (value[index] as unknown)) ?? null,
    )
  }
  return change.kind === 'ignores' ? value : refuse(28)
}
