import type { Collection, Index } from '../engine/collection.ts'
import type { Operation } from '../engine/operation.ts'
import { boundsOf2d } from '../engine/special-index.ts'
import { CommandError } from '../errors.ts'
import type { Doc } from '../query/bson.ts'
import { compareDistances, type Near } from '../query/geo/near.ts'
import { boundsOf } from './field-bounds.ts'
import { impliesPartialFilter } from './implies-partial-filter.ts'
import type { FoundBatches, FoundRecord, Query } from './query.ts'
import { sortRecords } from './sort-records.ts'

type Search = { near: Near; collection: Collection; query: Query; operation: Operation }

/** Orders records by how near they are, or as the query asks; those without a place within reach go. */
export function nearRecords(found: FoundBatches, { near, collection, query, operation }: Search): FoundBatches {
  if (!collection.indexes.some((index) => serves(index, near, query.filter.doc))) {
    throw new CommandError(
      'NoQueryExecutionPlans',
      `error processing query: ns=${collection.db}.${collection.name}: unable to find index for $geoNear query`,
    )
  }
  const distances = new Map<number, number>()
  const compare = (a: FoundRecord, b: FoundRecord): number =>
    compareDistances(near, distances.get(a.id) as number, distances.get(b.id) as number)
  return sortRecords(withinReach(found, near, distances), {
    query,
    operation,
    ...(Object.keys(query.sort).length === 0 ? { compare } : {}),
  })
}

async function* withinReach(found: FoundBatches, near: Near, distances: Map<number, number>): FoundBatches {
  for await (const batch of found) {
    const reached: FoundRecord[] = []
    for (const record of batch) {
      const distance = near.distanceOf(record.doc)
      if (distance === undefined) continue
      distances.set(record.id, distance)
      reached.push(record)
    }
    if (reached.length > 0) yield reached
  }
}

/** MongoDB searches by index only: one of places on the path, whose other leading fields are asked about as well. */
function serves({ key, hidden, partialFilter, geoOptions }: Index, near: Near, filter: Doc): boolean {
  const kind = key[near.path]
  if (hidden === true || !(kind === '2dsphere' ? near.onSphere : kind === '2d' && !near.asGeoJson)) return false
  const bounds = boundsOf(filter)
  if (partialFilter !== undefined && !impliesPartialFilter(filter, bounds, partialFilter)) return false
  if (kind === '2d') {
    const { min, max } = boundsOf2d(geoOptions)
    if (![near.center.x, near.center.y].every((number) => number >= min && number <= max)) {
      throw new CommandError('Location13027', `point not in interval of [ ${min}, ${max} ]`)
    }
  }
  const before = Object.keys(key).slice(0, Object.keys(key).indexOf(near.path))
  return before.every((path) => bounds.has(path))
}
