import { Operation } from './operation.ts'
import type { Collection, Index } from './collection.ts'
import type { Engine } from './engine.ts'
import { deleteRecord } from './records.ts'
import { readRecord } from './stored-record.ts'
import { Scanner } from '../plan/scanner.ts'
import { choosePlan } from '../plan/choose-plan.ts'
import { readDoc } from '../query/bson.ts'
import { compileFilter } from '../query/compile-filter.ts'

/** How many expired documents one commit removes. */
const step = 100

/** Deletes what TTL indexes say has expired: the earliest date of the indexed field plus the index's seconds is past. */
export async function expireDocuments(engine: Engine): Promise<void> {
  for (const collection of engine.catalog.all()) {
    for (const index of collection.indexes) {
      if (index.expireAfterSeconds !== undefined) await expireBy(engine, collection, index)
    }
  }
}

async function expireBy({ environment, writer, catalog }: Engine, collection: Collection, index: Index): Promise<void> {
  const path = Object.keys(index.key)[0] as string
  const before = new Date(Date.now() - (index.expireAfterSeconds as number) * 1000)
  // Only dates: the comparison is within the type. A partial index expires only what it holds.
  const expired = { [path]: { $lte: before } }
  const filter = index.partialFilter === undefined ? expired : { $and: [expired, index.partialFilter] }
  const matches = compileFilter(filter)
  const scanner = new Scanner(
    environment,
    collection,
    choosePlan({ ...collection, indexes: [index] }, { filter, sort: {} }),
  )
  const operation = new Operation(0)
  operation.hold(scanner)
  for (;;) {
    const ids: number[] = []
    for (let record = scanner.next(); record !== undefined; record = scanner.next()) {
      if (matches(readDoc(record.bytes))) ids.push(record.id)
      if (ids.length === step) break
    }
    operation.release()
    if (ids.length === 0) return
    await writer.run((unit) => {
      if (!catalog.holds(collection)) return
      for (const id of ids) {
        const record = readRecord(unit.view, collection, id)
        const doc = record === undefined ? undefined : readDoc(record.bytes)
        if (record !== undefined && doc !== undefined && matches(doc))
          deleteRecord(unit, { collection, record, doc }, {})
      }
    })
  }
}
