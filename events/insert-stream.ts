import { once } from 'node:events'
import type { mongo } from 'mongoose'

/** The server waits this long for news before it is asked again: an idle stream costs nearly nothing. */
const maxAwaitTimeMS = 10_000

/** What is inserted into a collection, in the order of the commits. */
export interface InsertStream<Row> {
  /** Resolves when the server has opened the stream: what is committed after that will be told. */
  readonly opened: Promise<void>
  /** What comes next, and what else has arrived with it, at most so many. */
  next(most: number): Promise<Row[]>
  /** Where to go on behind what was told. */
  token(): unknown
  close(): Promise<void>
}

interface Watchable {
  watch<Row extends mongo.Document, Change extends mongo.Document>(
    pipeline: mongo.Document[],
    options: mongo.ChangeStreamOptions,
  ): mongo.ChangeStream<Row, Change>
}

/** Watches a collection from now on, or behind a token. */
export function watchInserts<Row extends mongo.Document>(
  collection: Watchable,
  startAfter?: unknown,
): InsertStream<Row> {
  const stream = collection.watch<Row, mongo.ChangeStreamInsertDocument<Row>>(
    [{ $match: { operationType: 'insert' } }],
    {
      maxAwaitTimeMS,
      ...(startAfter === undefined ? {} : { startAfter }),
    },
  )
  // Asked for at once, because that opens the stream; `tryNext` would wait for the first news as well.
  let first: Promise<mongo.ChangeStreamInsertDocument<Row>> | undefined = stream.next()
  const answered = new AbortController()
  const opened = Promise.race([once(stream, 'resumeTokenChanged', answered), first]).then(() => answered.abort())
  opened.catch(() => answered.abort())
  return {
    opened,
    async next(most) {
      const waiting = first ?? stream.next()
      first = undefined
      const rows = [(await waiting).fullDocument]
      while (rows.length < most && stream.bufferedCount() > 0) rows.push((await stream.next()).fullDocument)
      return rows
    },
    token: () => stream.resumeToken,
    close: () => stream.close(),
  }
}
