import type { Collection } from '../engine/collection.ts'
import type { Operation } from '../engine/operation.ts'
import type { StoredRecord } from '../engine/stored-record.ts'
import type { View } from '../engine/view.ts'
import { readDoc, type Doc } from '../query/bson.ts'
import { choosePlan, type Plan } from './choose-plan.ts'
import { coversFilter } from './covers-filter.ts'
import { nearRecords } from './near-records.ts'
import type { FoundBatches, FoundRecord, Query } from './query.ts'
import { everything, type QueryFilter } from './query-filter.ts'
import { Scanner } from './scanner.ts'
import { sortRecords } from './sort-records.ts'

/** Checking the clock costs more than looking at a small document. */
const candidatesPerCheck = 32

/** A batch is handed on when it holds so many records, or so many bytes. */
const batchRecords = 64
const batchBytes = 256 * 1024

export type QueryRun = { readonly plan: Plan; readonly batches: FoundBatches; readonly scanner: Scanner }

/** Finds the records of a query in its order, a turn at a time. */
export function findRecords(
  source: { view: View; collection: Collection; operation: Operation },
  query: Query,
): QueryRun {
  const { view, collection, operation } = source
  const { filter } = query
  const plan = choosePlan(collection, { ...query, filter: filter.doc })
  const scanner = operation.hold(new Scanner(view, collection, plan))
  const covered = filter === everything || (plan.scan !== undefined && coversFilter(plan.scan, filter.doc))
  if (filter.near !== undefined) {
    const found = scan(scanner, { filter, covered, operation, wanted: 0 })
    const near = nearRecords(found, { near: filter.near, collection, query, operation })
    return { plan, scanner, batches: skipping(near, query.skip) }
  }
  if (!plan.sorted) {
    const sorted = sortRecords(scan(scanner, { filter, covered, operation, wanted: 0 }), { query, operation })
    return { plan, scanner, batches: skipping(sorted, query.skip) }
  }
  const wanted = query.limit > 0 ? query.skip + query.limit : 0
  return { plan, scanner, batches: skipping(scan(scanner, { filter, covered, operation, wanted }), query.skip) }
}

type Scan = { filter: QueryFilter; covered: boolean; operation: Operation; wanted: number }

/** Reads no further than the last record that is wanted; 0 wants all. */
async function* scan(scanner: Scanner, { filter, covered, operation, wanted }: Scan): FoundBatches {
  let batch: FoundRecord[] = []
  let bytes = 0
  let found = 0
  for (let count = 1; ; count++) {
    if (count % candidatesPerCheck === 0 && operation.turnIsOver) await operation.breathe()
    const stored = scanner.next()
    if (stored === undefined) break
    const record = new LazyRecord(stored)
    if (!covered && !filter.matches(record.doc)) continue
    batch.push(record)
    bytes += record.bytes.length
    if (++found === wanted) break
    if (batch.length < batchRecords && bytes < batchBytes) continue
    // An index entry and its record are only sure to agree within one turn.
    if (covered) scanner.release()
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

class LazyRecord implements FoundRecord {
  readonly id: number
  readonly bytes: Buffer
  private decoded: Doc | undefined

  constructor({ id, bytes }: StoredRecord) {
    this.id = id
    this.bytes = bytes
  }

  get doc(): Doc {
    return (this.decoded ??= readDoc(this.bytes))
  }
}

/** Leaves out the first records; nothing yields more than the limit behind them. */
function skipping(batches: FoundBatches, skip: number): FoundBatches {
  return skip === 0 ? batches : withoutFirst(batches, skip)
}

async function* withoutFirst(batches: FoundBatches, skip: number): FoundBatches {
  let left = skip
  for await (const batch of batches) {
    const part = batch.slice(left)
    left = Math.max(0, left - batch.length)
    if (part.length > 0) yield part
  }
}
