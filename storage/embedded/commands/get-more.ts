import { Long } from 'bson'
import { CommandError } from '../errors.ts'
import { isLong } from '../query/value-type.ts'
import { writeCursorReply } from '../wire/raw-reply.ts'
import { countArgument, textArgument } from './arguments.ts'
import type { Command } from './command.ts'

/** https://www.mongodb.com/docs/manual/reference/command/getMore/ */
export const getMore: Command = {
  name: 'getMore',
  options: ['collection', 'batchSize'],
  inTransaction: true,
  async run({ engine, body, db, transaction }) {
    const value = body['getMore']
    if (!isLong(value))
      throw new CommandError('TypeMismatch', "BSON field 'getMore' is the wrong type, expected type 'long'")
    const namespace = `${db}.${textArgument(body, 'collection')}`
    const cursor = engine.cursors.get(value, namespace)
    if (cursor.owner !== transaction)
      throw new CommandError('BadValue', `cursor id ${value.toString()} belongs to another transaction or to none`)
    if (cursor.busy) throw new CommandError('CursorInUse', `cursor id ${value.toString()} is already in use`)
    cursor.busy = true
    try {
      const batchSize = countArgument(body, 'batchSize', 0)
      const page = await cursor.source.next({
        batchSize: batchSize === 0 ? Number.POSITIVE_INFINITY : batchSize,
        maxTimeMs: countArgument(body, 'maxTimeMS', 0),
        signal: cursor.abort.signal,
      })
      if (page.done) engine.cursors.kill(cursor.id)
      return writeCursorReply(
        {
          field: 'nextBatch',
          docs: page.docs,
          cursor: { ...page.extra, id: page.done ? Long.ZERO : cursor.id, ns: namespace },
        },
        { ok: 1, ...engine.operationTime() },
      )
    } catch (error) {
      // A cursor whose source has failed cannot tell where it was.
      engine.cursors.kill(cursor.id)
      throw error
    } finally {
      cursor.busy = false
      engine.cursors.touch(cursor)
    }
  },
}
