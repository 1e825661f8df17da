import type { Document } from 'bson'
import { compare, isDocument } from './order.ts'
import { calculable, renameChanges } from './rename-model.ts'
import { changeOf } from './update-operators.ts'
import { changeAt, expand, isArrayUpdate, isIndex } from './update-paths.ts'
import { gathering, refuse, Refused } from './unspecified.ts'

export type Request = {
  readonly filter: Document
  readonly update: Document
  readonly arrayFilters?: readonly Document[]
}

/** One operator at one path. */
export type Leaf = { readonly operator: string; readonly path: readonly string[]; readonly operand: unknown }

/**
 * Updates as the manual tells them, written once more, slowly: read the operators, find the paths which they name in
 * this document, refuse those that meet, and make one change after the other. What cannot be is thrown as `Refused`.
 */
export function modelUpdate(original: Document, request: Request, { inserting = false } = {}): Document {
  if (Object.keys(request.update)[0]?.startsWith('$') !== true) return replacement(original, request)
  const { leaves, arrayFilters } = readUpdate(request)
  const active = leaves.filter(({ operator }) => inserting || operator !== '$setOnInsert')
  const positions = { filter: request.filter, arrayFilters, original }
  const refused: number[] = []
  const noting = <Result>(work: () => Result[]): Result[] => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      refused.push(...error.codes)
      return []
    }
  }
  const placed = active.flatMap((leaf) =>
    noting(() => expand(leaf.path, positions).map((path): Leaf => ({ ...leaf, path }))),
  )
  noting(() => checkConflicts(placed.map(({ path }) => path)))
  let doc = original
  for (const { operator, path, operand } of placed.toSorted((a, b) => comparePaths(a.path, b.path))) {
    noting(() => {
      const change =
        operator === '$rename' ? renameChanges(original, path, operand as string) : changeOf(operator, operand)
      if (change !== undefined) doc = changeAt(doc, path, change)
      return []
    })
  }
  if (refused.length > 0) throw new Refused(refused)
  if (original['_id'] !== undefined && !sameValue(doc['_id'], original['_id'])) refuse(66)
  return idFirst(doc)
}

function replacement(original: Document, { update, arrayFilters = [] }: Request): Document {
  if (arrayFilters.length > 0) refuse(9)
  const { _id: _new, ...fields } = update
  if ('_id' in update && original['_id'] !== undefined && compare(update['_id'], original['_id']) !== 0) refuse(66)
  const id = '_id' in update ? (update['_id'] as unknown) : (original['_id'] as unknown)
  return id === undefined ? fields : { _id: id, ...fields }
}

/** The operators of an update at their paths; refused is what is wrong whatever the document. */
export function readUpdate({ update, arrayFilters = [] }: Request): {
  leaves: Leaf[]
  arrayFilters: ReadonlyMap<string, Document>
} {
  const named = new Map(arrayFilters.map((filter) => [nameOf(filter), filter]))
  const leaves = Object.entries(update).flatMap(([operator, fields]) =>
    isDocument(fields)
      ? Object.entries(fields).flatMap(([path, operand]): Leaf[] => {
          const leaf = { operator, path: path.split('.'), operand: operand as unknown }
          // The old name is a path that is written, too.
          return operator === '$rename' && typeof operand === 'string'
            ? [
                { operator, path: operand.split('.'), operand: path },
                { ...leaf, operator: '$unset' },
              ]
            : [leaf]
        })
      : [{ operator, path: [], operand: fields as unknown }],
  )
  gathering<() => unknown, unknown>(
    [
      ...Object.entries(update).flatMap(([operator, fields]) =>
        operator === '$rename' && isDocument(fields)
          ? Object.entries(fields).map(
              ([source, target]) =>
                () =>
                  calculable(source, target as unknown),
            )
          : [],
      ),
      ...leaves.map((leaf) => () => checkLeaf(leaf)),
      ...leaves.map((leaf) => () => checkNames(leaf, named)),
      () => (named.size < arrayFilters.length ? refuse(9) : undefined),
      ...[...named.keys()].map((name) => () => checkUsed(name, leaves)),
      () => checkConflicts(leaves.map(({ path }) => path)),
      () => checkKinds(leaves.map(({ path }) => path)),
    ],
    (check) => check(),
  )
  return { leaves, arrayFilters: named }
}

function nameOf(filter: Document): string {
  const names = new Set(Object.keys(filter).map((path) => path.split('.')[0] as string))
  const [name] = names
  return name === undefined || names.size > 1 ? refuse(9) : name
}

function checkLeaf({ operator, path, operand }: Leaf): void {
  if (path.length === 0) refuse(9)
  if (path.includes('')) refuse(56)
  if (path[0] === '$' || isArrayUpdate(path[0] as string)) refuse(2)
  if (path.filter((part) => part === '$').length > 1) refuse(2)
  if (operator !== '$rename') changeOf(operator, operand)
}

function checkNames({ path }: Leaf, filters: ReadonlyMap<string, Document>): void {
  for (const part of path) if (isArrayUpdate(part) && part !== '$[]' && !filters.has(part.slice(2, -1))) refuse(2)
}

function checkUsed(name: string, leaves: readonly Leaf[]): void {
  if (!leaves.some(({ path }) => path.includes(`$[${name}]`))) refuse(9)
}

/** Two operators may not name one path, nor a path and one inside it. */
function checkConflicts(paths: readonly (readonly string[])[]): [] {
  for (const [place, path] of paths.entries()) {
    for (const other of paths.slice(place + 1)) {
      const shared = Math.min(path.length, other.length)
      if (path.slice(0, shared).join('.') === other.slice(0, shared).join('.')) refuse(40)
    }
  }
  return []
}

/** What is updated by `$[]` in one place may not be by a name or an index in another. */
function checkKinds(paths: readonly (readonly string[])[]): void {
  for (const path of paths) {
    for (const other of paths) {
      for (let depth = 0; depth < Math.min(path.length, other.length); depth++) {
        const [one, two] = [path[depth] as string, other[depth] as string]
        if (
          path.slice(0, depth).join('.') === other.slice(0, depth).join('.') &&
          isArrayUpdate(one) !== isArrayUpdate(two)
        )
          refuse(40)
      }
    }
  }
}

/** By name, indexes by number: the order in which new fields are added. */
function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let depth = 0; depth < Math.min(a.length, b.length); depth++) {
    const [one, two] = [a[depth] as string, b[depth] as string]
    if (one === two) continue
    if (isIndex(one) && isIndex(two)) return Number(one) - Number(two)
    return one < two ? -1 : 1
  }
  return a.length - b.length
}

function sameValue(a: unknown, b: unknown): boolean {
  return a !== undefined && compare(a, b) === 0
}

export function idFirst({ _id: id, ...others }: Document): Document {
  return id === undefined ? others : { _id: id as unknown, ...others }
}
