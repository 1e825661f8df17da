import { isClustered } from '../engine/clustering.ts'
import type { Collection, Index } from '../engine/collection.ts'
import { unsupported } from '../errors.ts'
import { directionsOf } from '../engine/index-keys.ts'
import { tableRange, type KeyRange } from '../engine/keys.ts'
import type { Doc } from '../query/bson.ts'
import { hintedIndex } from './hinted-index.ts'
import { boundsOf } from './field-bounds.ts'
import { scanOf, type IndexScan } from './index-scan.ts'

/** How the candidates of a query are found; the filter is tested on each of them. */
export type Plan = {
  /** Undefined for a scan of the whole collection in natural order. */
  readonly scan: IndexScan | undefined
  readonly ranges: readonly KeyRange[]
  readonly reverse: boolean
  /** The candidates come in the order of the sort that was asked for. */
  readonly sorted: boolean
}

/** Chooses by rule: the most fields bound to values, then an order for free, then a range. */
export function choosePlan(
  collection: Collection,
  { filter, sort, hint }: { filter: Doc; sort: Doc; hint?: unknown },
): Plan {
  const natural = sort['$natural']
  const bounds = boundsOf(filter)
  // In a clustered collection the order of _id is the natural one.
  const clustered = isClustered(collection) ? wholeIndex(collection.indexes[0] as Index) : undefined
  const wholeCollection: Plan = {
    scan: clustered,
    ranges: clustered?.ranges ?? [tableRange(collection.table)],
    reverse: Number(natural ?? 1) < 0,
    sorted: natural !== undefined || Object.keys(sort).length === 0,
  }
  const hinted = hint === undefined ? undefined : hintedIndex(collection, hint)
  if (natural !== undefined || hinted === 'natural') return wholeCollection
  // Any score is better than none.
  let best: { plan: Plan; score: number } = { plan: wholeCollection, score: hinted === undefined ? 0 : -1 }
  for (const index of hinted === undefined ? collection.indexes : [hinted]) {
    const scan = scanOf(index, { filter, bounds })
    if (scan === undefined) continue
    const order = Object.keys(sort).length === 0 ? undefined : orderOf(scan, sort)
    const points = scan.boundFields === Object.keys(index.key).length && index.unique ? 100 : scan.boundFields * 4
    const score = points + (order === undefined ? 0 : 3) + (scan.ranged ? 2 : 0)
    if (score <= best.score) continue
    const plan: Plan = {
      scan,
      ranges: scan.ranges,
      reverse: order === 'backwards',
      sorted: order !== undefined || Object.keys(sort).length === 0,
    }
    best = { plan, score }
  }
  if (hinted !== undefined && best.plan === wholeCollection) {
    throw unsupported('BadValue', `a hint of the index ${hinted.name}, which may lack documents that match,`)
  }
  return best.plan
}

function wholeIndex(index: Index): IndexScan {
  return { index, ranges: [tableRange(index.table)], boundFields: 0, singleFields: 0, ranged: false }
}

/** Whether the index yields the sort's order, read in which direction. */
function orderOf({ index, singleFields }: IndexScan, sort: Doc): 'forwards' | 'backwards' | undefined {
  // An array sorts by its least or greatest element, and hashed keys have lost their order. A partial or sparse
  // index is only offered here when it holds every match.
  if (index.multikey || index.hashed) return undefined
  const paths = Object.keys(index.key)
  const directions = directionsOf(index.key)
  let place = 0
  let turned: boolean | undefined
  for (const [path, direction] of Object.entries(sort)) {
    if (paths.indexOf(path) < singleFields && paths.includes(path)) continue
    while (place < singleFields && paths[place] !== path) place++
    if (paths[place] !== path) return undefined
    const turnedHere = Number(direction) < 0 !== (directions[place] === -1)
    if (turned !== undefined && turned !== turnedHere) return undefined
    turned = turnedHere
    place++
  }
  return turned === true ? 'backwards' : 'forwards'
}
