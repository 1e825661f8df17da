import { capOf } from '../engine/capped.ts'
import { namespaceOf, type Collection } from '../engine/collection.ts'
import type { Unit } from '../engine/unit.ts'
import { CommandError } from '../errors.ts'
import type { Context } from './command.ts'

/** Thrown when indexes were created or the collection dropped between planning a write and its turn. */
export class StaleCollection extends Error {}

/** The collection that a command reads, if it exists. */
export function readCollection({ engine, transaction, db }: Context, name: string): Collection | undefined {
  return transaction === undefined ? engine.catalog.find(db, name) : transaction.find(db, name)
}

/** The collection that a command inserts into; created when it does not exist. */
export async function insertionCollection(context: Context, name: string): Promise<Collection> {
  const { engine, transaction, db } = context
  if (transaction === undefined) return engine.ddl.ensure(db, name)
  return transaction.find(db, name) ?? transaction.create(db, name, {})
}

/** Runs a writing job against the collection as it was planned for. */
export function writeTo<T>(context: Context, collection: Collection, job: (unit: Unit) => T | Promise<T>): Promise<T> {
  if (context.transaction !== undefined && capOf(collection) !== undefined) {
    throw new CommandError(
      'OperationNotSupportedInTransaction',
      `Collection '${namespaceOf(collection)}' is a capped collection. Writes in transactions are not allowed on capped collections.`,
    )
  }
  return context.write((unit) => {
    if (!(context.transaction ?? context.engine.catalog).holds(collection)) throw new StaleCollection()
    return job(unit)
  })
}

/** Repeats a statement with the collection as it is now, when it changed under it. */
export async function withFreshCollection<T>(context: Context, statement: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await statement()
    } catch (error) {
      if (!(error instanceof StaleCollection)) throw error
      context.operation.check()
    }
  }
}

/** Like {@link writeTo} for a batch whose records were found before: indexes may have come and gone since. */
export function writeBatchTo<T>(
  context: Context,
  found: Collection,
  job: (unit: Unit, collection: Collection) => T | Promise<T>,
): Promise<T> {
  return withFreshCollection(context, async () => {
    const collection = readCollection(context, found.name)
    if (collection?.table !== found.table) {
      throw new CommandError('QueryPlanKilled', `${found.db}.${found.name} was dropped`)
    }
    return writeTo(context, collection, (unit) => job(unit, collection))
  })
}
