import { ObjectId } from 'bson'
import { insertRecord, updateRecord } from '../engine/records.ts'
import type { Unit } from '../engine/unit.ts'
import { CommandError } from '../errors.ts'
import type { Doc } from '../query/bson.ts'
import { upsertSeed } from '../query/compile-update.ts'
import { checkWritten } from './check-valid.ts'
import type { Context } from './command.ts'
import { firstMatch } from './first-match.ts'
import { withId } from './insert.ts'
import { matchedAgain } from './matched-again.ts'
import { prepareUpdate, type UpdateRequest } from './update-request.ts'
import { insertionCollection, readCollection, withFreshCollection, writeTo } from './written-collection.ts'

export type UpdateOneRequest = UpdateRequest & {
  readonly upsert: boolean
  /** Called in the unit of the write, to note the outcome for a retry. */
  done(unit: Unit, outcome: UpdateOutcome): void
}

export type UpdateOutcome =
  | { readonly kind: 'updated'; readonly changed: boolean; readonly before: Doc; readonly after: Doc }
  | { readonly kind: 'inserted'; readonly after: Doc }
  | { readonly kind: 'none' }

/** Updates the first document that matches, or inserts one. The document is matched again in the turn that writes. */
export function updateOne(context: Context, request: UpdateOneRequest): Promise<UpdateOutcome> {
  const { filter } = request
  const update = prepareUpdate(request)
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
        const current = matchedAgain(unit.view, collection, { found, filter })
        if (current === undefined) return undefined
        const { record, doc: before } = current
        return unit.attempt((inner) => {
          const after = update.apply(before, { inserting: false })
          checkWritten(context, collection, after, before)
          const changed = updateRecord(
            inner,
            { collection, record, before, after, replacing: update.replacing },
            context.origin,
          )
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
        const after = withId(seeded(update.apply(upsertSeed(filter.doc), { inserting: true })))
        checkWritten(context, target, after)
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
