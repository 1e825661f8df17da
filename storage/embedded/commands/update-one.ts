import { ObjectId } from 'bson'
import type { Collection } from '../engine/collection.ts'
import { insertRecord, readRecord, updateRecord } from '../engine/records.ts'
import type { Unit } from '../engine/unit.ts'
import { CommandError } from '../errors.ts'
import { findRecords } from '../plan/find-records.ts'
import { readDoc, type Doc } from '../query/bson.ts'
import { compileFilter } from '../query/compile-filter.ts'
import { compileUpdate, upsertSeed } from '../query/compile-update.ts'
import type { Context } from './command.ts'
import { withId } from './insert.ts'
import { insertionCollection, readCollection, withFreshCollection, writeTo } from './written-collection.ts'

export type UpdateRequest = {
  readonly collection: string
  readonly filter: Doc
  readonly sort: Doc
  readonly update: Doc | Doc[]
  readonly arrayFilters?: readonly Doc[]
  readonly upsert: boolean
  /** Called in the unit of the write, to note the outcome for a retry. */
  done(unit: Unit, outcome: UpdateOutcome): void
}

export type UpdateOutcome =
  | { readonly kind: 'updated'; readonly changed: boolean; readonly before: Doc; readonly after: Doc }
  | { readonly kind: 'inserted'; readonly after: Doc }
  | { readonly kind: 'none' }

/** Updates the first document that matches, or inserts one. The document is matched again in the turn that writes. */
export function updateOne(context: Context, request: UpdateRequest): Promise<UpdateOutcome> {
  const { filter, arrayFilters } = request
  const update = compileUpdate(request.update, {
    filter,
    ...(arrayFilters === undefined ? {} : { arrayFilters: [...arrayFilters] }),
  })
  const matches = compileFilter(filter)
  const replacing = isReplacement(request.update)
  let duplicate: CommandError | undefined

  return withFreshCollection(context, async () => {
    for (;;) {
      context.operation.check()
      const collection = readCollection(context, request.collection)
      const found = collection === undefined ? undefined : await firstMatch(context, collection, request)
      if (collection === undefined || found === undefined) {
        // The other document of a duplicate key did not match: it stays an error.
        if (duplicate !== undefined) throw duplicate
        if (!request.upsert) return { kind: 'none' }
        try {
          const outcome = await insertNew()
          if (outcome !== undefined) return outcome
        } catch (error) {
          // Another client has inserted at the same time; if what it inserted matches, that is what we update.
          if (
            !(error instanceof CommandError) ||
            error.codeName !== 'DuplicateKey' ||
            context.transaction !== undefined
          )
            throw error
          duplicate = error
        }
        continue
      }
      const outcome = await writeTo(context, collection, (unit): UpdateOutcome | undefined => {
        const record = readRecord(unit.view, collection, found.id)
        if (record === undefined) return undefined
        const before = readDoc(record.bytes)
        if (!record.bytes.equals(found.bytes) && !matches(before)) return undefined
        return unit.attempt((inner) => {
          const after = update.apply(before, { inserting: false })
          const changed = updateRecord(inner, { collection, record, after, replacing }, context.origin)
          const result: UpdateOutcome = { kind: 'updated', changed, before, after }
          request.done(inner, result)
          return result
        })
      })
      if (outcome !== undefined) return outcome
    }
  })

  async function insertNew(): Promise<UpdateOutcome | undefined> {
    const target = await insertionCollection(context, request.collection)
    return writeTo(context, target, (unit) =>
      unit.attempt((inner) => {
        const after = withId(seeded(update.apply(upsertSeed(filter), { inserting: true })))
        insertRecord(inner, target, after, context.origin)
        const result: UpdateOutcome = { kind: 'inserted', after }
        request.done(inner, result)
        return result
      }),
    )
  }
}

function seeded(doc: Doc): Doc {
  return doc['_id'] === undefined ? { _id: new ObjectId(), ...doc } : doc
}

/** Whether the update gives the whole document. */
export function isReplacement(update: Doc | Doc[]): boolean {
  return !Array.isArray(update) && !Object.keys(update)[0]?.startsWith('$')
}

/** The first document of a query. */
export async function firstMatch(
  context: Context,
  collection: Collection,
  { filter, sort }: { filter: Doc; sort: Doc },
): Promise<{ id: number; bytes: Buffer } | undefined> {
  const { view, operation } = context
  const { records } = findRecords({ view, collection, operation }, { filter, sort, limit: 1, skip: 0 })
  try {
    for await (const { id, bytes } of records) return { id, bytes }
    return undefined
  } finally {
    operation.release()
  }
}
