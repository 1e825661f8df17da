import { ObjectId, Timestamp } from 'bson'
import { CommandError } from '../errors.ts'
import type { Collection } from '../engine/collection.ts'
import { insertRecord } from '../engine/records.ts'
import type { Doc } from '../query/bson.ts'
import { BSONRegExp } from 'bson'
import { collectionArgument, docsArgument, flagArgument } from './arguments.ts'
import type { Command, Context } from './command.ts'
import { mostStatements, writeErrorOf, writeReply, type WriteError } from './write-statements.ts'
import { insertionCollection, withFreshCollection, writeTo } from './written-collection.ts'

/** How many documents one commit takes, so that others' writes get their turn. */
const docsPerUnit = 500

/** https://www.mongodb.com/docs/manual/reference/command/insert/ */
export const insert: Command = {
  name: 'insert',
  options: ['documents', 'ordered', 'bypassDocumentValidation'],
  inTransaction: true,
  async run(context) {
    const name = collectionArgument(context.body, 'insert')
    const docs = docsArgument(context.body, 'documents')
    if (docs.length === 0 || docs.length > mostStatements) {
      throw new CommandError(
        'InvalidLength',
        `Write batch sizes must be between 1 and ${mostStatements}. Got ${docs.length} operations.`,
      )
    }
    const ordered = flagArgument(context.body, 'ordered', true) || context.transaction !== undefined
    const errors: WriteError[] = []
    let inserted = 0
    for (let start = 0; start < docs.length; start += docsPerUnit) {
      context.operation.check()
      const part = docs.slice(start, start + docsPerUnit)
      const result = await withFreshCollection(context, async () => {
        const collection = await insertionCollection(context, name)
        return insertPart(context, collection, { docs: part, start, ordered })
      })
      inserted += result.inserted
      errors.push(...result.errors)
      if (ordered && errors.length > 0) break
    }
    return writeReply({ n: inserted }, errors)
  },
}

type Part = { docs: readonly Doc[]; start: number; ordered: boolean }

function insertPart(
  context: Context,
  collection: Collection,
  { docs, start, ordered }: Part,
): Promise<{ inserted: number; errors: WriteError[] }> {
  return writeTo(context, collection, (unit) => {
    const errors: WriteError[] = []
    let inserted = 0
    for (const [offset, doc] of docs.entries()) {
      const index = start + offset
      if (context.statements?.find(index) !== undefined) {
        inserted++
        continue
      }
      try {
        unit.attempt((inner) => {
          insertRecord(inner, collection, withId(doc), context.origin)
          context.statements?.record(inner, index, { n: 1 })
        })
        inserted++
      } catch (error) {
        errors.push(writeErrorOf(error, index))
        if (ordered) break
      }
    }
    return { inserted, errors }
  })
}

/** A document as it is stored: with an _id, which comes first. Throws for an _id that cannot be one. */
export function withId(doc: Doc): Doc {
  const { _id: id = new ObjectId(), ...fields } = doc
  if (Array.isArray(id) || id instanceof BSONRegExp) {
    throw new CommandError(
      'InvalidIdField',
      `The '_id' value cannot be of type ${Array.isArray(id) ? 'array' : 'regex'}`,
    )
  }
  for (const [field, value] of Object.entries(fields)) {
    // MongoDB fills in an empty timestamp at the top level.
    if (value instanceof Timestamp && value.isZero())
      fields[field] = new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 })
  }
  return { _id: id, ...fields }
}
