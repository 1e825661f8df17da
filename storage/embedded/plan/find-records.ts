import type { Collection } from '../engine/collection.ts'
import type { Operation } from '../engine/operation.ts'
import type { View } from '../engine/view.ts'
import { readDoc, type Doc } from '../query/bson.ts'
import { compileFilter } from '../query/compile-filter.ts'
import { choosePlan, type Plan } from './choose-plan.ts'
import type { FoundRecord, Query } from './query.ts'
import { Scanner } from './scanner.ts'
import { sortRecords } from './sort-records.ts'

/** Checking the clock costs more than looking at a small document. */
const candidatesPerCheck = 32

export type QueryRun = { readonly plan: Plan; readonly records: AsyncGenerator<FoundRecord>; readonly scanner: Scanner }

/** Finds the records of a query in its order, a turn at a time. */
export function findRecords(
  source: { view: View; collection: Collection; operation: Operation },
  query: Query,
): QueryRun {
  const { view, collection, operation } = source
  const matches = compileFilter(query.filter)
  const plan = choosePlan(collection, query)
  const scanner = operation.hold(new Scanner(view, collection, plan))
  const found = scan(scanner, { matches, operation })
  const ordered = plan.sorted ? found : sortRecords(found, { query, operation })
  return { plan, scanner, records: cut(ordered, query) }
}

async function* scan(
  scanner: Scanner,
  { matches, operation }: { matches: (doc: Doc) => boolean; operation: Operation },
): AsyncGenerator<FoundRecord> {
  for (let count = 1; ; count++) {
    if (count % candidatesPerCheck === 0 && operation.turnIsOver) await operation.breathe()
    const record = scanner.next()
    if (record === undefined) return
    const doc = readDoc(record.bytes)
    if (matches(doc)) yield { ...record, doc }
  }
}

async function* cut(records: AsyncGenerator<FoundRecord>, { skip, limit }: Query): AsyncGenerator<FoundRecord> {
  let place = 0
  for await (const record of records) {
    if (place++ < skip) continue
    yield record
    if (limit > 0 && place === skip + limit) return
  }
}
