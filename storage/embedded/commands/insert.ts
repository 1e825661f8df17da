import { BSONRegExp, ObjectId, Timestamp } from 'bson'
import { CommandError } from '../errors.ts'
import type { Collection } from '../engine/collection.ts'
import { insertRecord } from '../engine/records.ts'
import type { Doc } from '../query/bson.ts'
import { isDoc } from '../query/value-type.ts'
import { collectionArgument, docsArgument, flagArgument } from './arguments.ts'
import { checkWritten } from './check-valid.ts'
import type { Command, Context } from './command.ts'
import { mostStatements, writeErrorOf, writeReply, type WriteError } from './write-statements.ts'
import { insertionCollection, withFreshCollection, writeTo } from './written-collection.ts'

/** How many documents one commit takes: most messages whole, but others' writes must get their turn. */
const docsPerUnit = 2000

/** Checking the clock costs something too. */
const docsPerCheck = 8

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
  const { operation, statements } = context
  return writeTo(context, collection, async (unit) => {
    const errors: WriteError[] = []
    let inserted = 0
    let firstUnremembered = start
    const remember = (end: number): void => {
      const count = end - firstUnremembered
      if (count > 0) statements?.record(unit, firstUnremembered, { outcome: { n: 1 }, count })
      firstUnremembered = end + 1
    }
    let index = start
    for (; index < start + docs.length; index++) {
      if ((index - start) % docsPerCheck === docsPerCheck - 1 && operation.turnIsOver) await operation.breathe()
      const doc = docs[index - start] as Doc
      try {
        if (statements?.find(index) === undefined) {
          unit.attempt((inner) => {
            const stored = withId(doc)
            checkWritten(context, collection, stored)
            insertRecord(inner, collection, stored, context.origin)
          })
        }
        inserted++
      } catch (error) {
        errors.push(writeErrorOf(error, index))
        remember(index)
        if (ordered) break
      }
    }
    if (!ordered || errors.length === 0) remember(index)
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
  const dollar = isDoc(id) ? Object.keys(id).find((field) => field.startsWith('$')) : undefined
  if (dollar !== undefined) {
    throw new CommandError(
      'DollarPrefixedFieldName',
      `_id fields may not contain '$'-prefixed fields: ${dollar} is not valid for storage.`,
    )
  }
  for (const [field, value] of Object.entries(fields)) {
    // MongoDB fills in an empty timestamp at the top level.
    if (value instanceof Timestamp && value.isZero())
      fields[field] = new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 })
  }
  return { _id: id, ...fields }
}
