import { randomBytes } from 'node:crypto'
import { Long } from 'bson'
import { CommandError } from '../errors.ts'

/** One page of a cursor. */
export type Page = {
  readonly docs: readonly Uint8Array[]
  readonly done: boolean
  /** Added to `cursor` in the reply: a change stream's postBatchResumeToken. */
  readonly extra?: Record<string, unknown>
}

/** What a cursor pages through. */
export type PageSource = {
  /** A kept cursor hands on the signal that ends its wait; a first page does not wait for long. */
  next(request: { batchSize: number; maxTimeMs: number; signal?: AbortSignal }): Promise<Page>
  close(): void
}

export type Cursor = {
  readonly id: Long
  readonly namespace: string
  readonly source: PageSource
  /** The transaction it belongs to, without which it must not be read. */
  readonly owner: object | undefined
  readonly abort: AbortController
  lastUsed: number
  busy: boolean
}

/** Idle cursors end after this, as in MongoDB. */
const idleMs = 10 * 60 * 1000

/** The cursors that clients have open. */
export class Cursors {
  private readonly open = new Map<string, Cursor>()
  private readonly now: () => number

  /** `now` counts milliseconds and is never set back. */
  constructor(now: () => number) {
    this.now = now
  }

  add(namespace: string, source: PageSource, owner: object | undefined): Cursor {
    const id = this.freeId()
    const cursor: Cursor = {
      id,
      namespace,
      source,
      owner,
      abort: new AbortController(),
      lastUsed: this.now(),
      busy: false,
    }
    this.open.set(id.toString(), cursor)
    return cursor
  }

  get(id: Long, namespace: string): Cursor {
    const cursor = this.open.get(id.toString())
    if (cursor === undefined) throw new CommandError('CursorNotFound', `cursor id ${id.toString()} not found`)
    if (cursor.namespace !== namespace) {
      throw new CommandError(
        'Unauthorized',
        `cursor id ${id.toString()} belongs to ${cursor.namespace}, not to ${namespace}`,
      )
    }
    return cursor
  }

  /** Tells that a client has used the cursor until now. */
  touch(cursor: Cursor): void {
    cursor.lastUsed = this.now()
  }

  /** Whether there was such a cursor. */
  kill(id: Long): boolean {
    const cursor = this.open.get(id.toString())
    if (cursor === undefined) return false
    this.open.delete(id.toString())
    cursor.abort.abort()
    cursor.source.close()
    return true
  }

  killWhere(condition: (cursor: Cursor) => boolean): void {
    for (const cursor of this.open.values()) if (condition(cursor)) this.kill(cursor.id)
  }

  sweep(): void {
    const oldest = this.now() - idleMs
    this.killWhere(({ lastUsed, busy }) => !busy && lastUsed < oldest)
  }

  /** Not to be guessed, never 0, and positive, because 0 means that there is no cursor. */
  private freeId(): Long {
    for (;;) {
      const bytes = randomBytes(8)
      const id = new Long(bytes.readInt32LE(0), bytes.readInt32LE(4) & 0x7fffffff)
      if (!id.isZero() && !this.open.has(id.toString())) return id
    }
  }
}
