import type { Index } from '../engine/collection.ts'
import { directionsOf } from '../engine/index-keys.ts'
import { specialKind } from '../engine/special-index.ts'
import { afterPrefix, prefixRange, tableKey, tableRange, type KeyRange } from '../engine/keys.ts'
import type { Doc } from '../query/bson.ts'
import { scanPrefix } from '../query/encode-key.ts'
import type { FieldBounds } from './field-bounds.ts'
import { impliesPartialFilter } from './implies-partial-filter.ts'

/** How an index can serve a query. */
export type IndexScan = {
  readonly index: Index
  /** Disjoint, in key order. */
  readonly ranges: readonly KeyRange[]
  /** How many leading fields are bound to values, and how many of those to exactly one. */
  readonly boundFields: number
  readonly singleFields: number
  readonly ranged: boolean
}

/** More combinations of `$in` lists than this are left to the filter. */
const mostPoints = 2000

/** The narrowest part of the index that holds every match, or undefined when the index may lack some. */
export function scanOf(
  index: Index,
  { filter, bounds }: { filter: Doc; bounds: ReadonlyMap<string, FieldBounds> },
): IndexScan | undefined {
  if (index.hidden === true || specialKind(index.key) !== undefined) return undefined
  if (index.partialFilter !== undefined && !impliesPartialFilter(filter, bounds, index.partialFilter)) return undefined
  const paths = Object.keys(index.key)
  const directions = directionsOf(index.key)
  let points: unknown[][] = [[]]
  let boundFields = 0
  let singleFields = 0
  let nonNull = false
  for (const [place, path] of paths.entries()) {
    const values = usable(index, paths, place) ? bounds.get(path)?.equals : undefined
    if (values === undefined || values.length * points.length > mostPoints) break
    // What a missing value is within an array is for the filter to tell.
    if (index.multikey && values.includes(null)) break
    nonNull ||= !values.includes(null)
    points = points.flatMap((point) => values.map((value) => [...point, value]))
    if (values.length === 1 && singleFields === boundFields) singleFields++
    boundFields++
  }
  const path = paths[boundFields]
  const range = path !== undefined && usable(index, paths, boundFields) ? bounds.get(path) : undefined
  const ranged = range !== undefined && (range.lower !== undefined || range.upper !== undefined)
  if (index.sparse && !nonNull && !ranged) return undefined
  const ranges = ranged
    ? points.map((point) => rangeAfter({ index, point, directions }, range))
    : boundFields === 0
      ? [tableRange(index.table)]
      : points.map((point) => prefixRange(tableKey(index.table, scanPrefix(point, directions))))
  return { index, ranges: disjoint(ranges), boundFields, singleFields, ranged }
}

/** Two paths below one array may be matched by different elements, while an index entry pairs those of one element. */
function usable(index: Index, paths: readonly string[], place: number): boolean {
  if (!index.multikey) return true
  const root = rootOf(paths[place] as string)
  return !paths.slice(0, place).some((path) => rootOf(path) === root)
}

function rootOf(path: string): string {
  const dot = path.indexOf('.')
  return dot === -1 ? path : path.slice(0, dot)
}

type Position = { index: Index; point: readonly unknown[]; directions: readonly (1 | -1)[] }

/** From the lower to the upper bound of the next field, both inclusive, within the type of the bound. */
function rangeAfter({ index, point, directions }: Position, { lower, upper, sameElement }: FieldBounds): KeyRange {
  const at = (value: unknown): Buffer => tableKey(index.table, scanPrefix([...point, value], directions))
  const start = tableKey(index.table, scanPrefix(point, directions))
  // With an array two different elements may obey one bound each, so that only one of them limits the entries.
  const end = index.multikey && lower !== undefined && !sameElement ? undefined : upper
  const type = at(lower ?? upper).subarray(0, start.length + 1)
  const low = lower === undefined ? type : at(lower)
  const high = end === undefined ? type : at(end)
  const [from, to] = directions[point.length] === -1 ? [high, low] : [low, high]
  return { from, to: afterPrefix(to) }
}

/** In key order and without overlap: `$in` may repeat a value, and long values share what is kept of them. */
function disjoint(ranges: readonly KeyRange[]): KeyRange[] {
  const result: KeyRange[] = []
  for (const range of ranges.toSorted((a, b) => Buffer.compare(a.from, b.from))) {
    const last = result.at(-1)
    if (Buffer.compare(range.from, range.to) >= 0) continue
    if (last === undefined || Buffer.compare(last.to, range.from) <= 0) result.push(range)
    else if (Buffer.compare(last.to, range.to) < 0) result[result.length - 1] = { from: last.from, to: range.to }
  }
  return result
}
