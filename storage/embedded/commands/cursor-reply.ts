import { Long } from 'bson'
import type { PageSource } from '../engine/cursors.ts'
import { CommandError } from '../errors.ts'
import type { Doc } from '../query/bson.ts'
import { isDoc } from '../query/value-type.ts'
import { writeCursorReply } from '../wire/raw-reply.ts'
import { countArgument } from './arguments.ts'
import type { Context } from './command.ts'

/** MongoDB's size of a first page when none is asked for; later pages are bounded by bytes only. */
export const defaultFirstBatch = 101

export type FirstPage = {
  namespace: string
  source: PageSource
  batchSize: number
  single: boolean
  keepOpen?: boolean
}

/** Answers with the first page, and keeps the cursor open if there is more. */
export async function firstPageReply(
  context: Context,
  { namespace, source, batchSize, single, keepOpen = false }: FirstPage,
): Promise<Uint8Array> {
  const page = await source.next({ batchSize, maxTimeMs: maxTimeOf(context.body) })
  const ended = (page.done && !keepOpen) || single
  let id = Long.ZERO
  if (ended) source.close()
  else id = keep(context, namespace, source)
  return writeCursorReply(
    { field: 'firstBatch', docs: page.docs, cursor: { ...page.extra, id, ns: namespace } },
    { ok: 1, ...context.engine.operationTime() },
  )
}

/** A cursor of a transaction ends with it. */
function keep({ engine, transaction }: Context, namespace: string, source: PageSource): Long {
  const { id } = engine.cursors.add(namespace, source, transaction)
  void transaction?.finished.then(() => engine.cursors.kill(id))
  return id
}

export function maxTimeOf(body: Doc): number {
  return countArgument(body, 'maxTimeMS', 0)
}

/** The `cursor: { batchSize }` of aggregate and of the listing commands. */
export function cursorBatchSize(body: Doc): number {
  const cursor = body['cursor'] ?? {}
  if (!isDoc(cursor)) throw new CommandError('TypeMismatch', 'cursor must be an object')
  return countArgument(cursor, 'batchSize', defaultFirstBatch)
}

/** A cursor over a list that is complete already. */
export function listSource(docs: readonly Uint8Array[]): PageSource {
  let rest = docs
  return {
    next({ batchSize }) {
      const page = rest.slice(0, batchSize)
      rest = rest.slice(batchSize)
      return Promise.resolve({ docs: page, done: rest.length === 0 })
    },
    close() {
      rest = []
    },
  }
}
