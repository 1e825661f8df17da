import { open, type RootDatabase, type Transaction } from 'lmdb'
import { CommandError } from '../errors.ts'
import type { KeyRange } from './keys.ts'
import type { Entry, View } from './view.ts'
import type { WriteSet } from './write-set.ts'

/** A frozen state of everything that was committed when it was taken; must be released. */
export type Snapshot = View & { release(): void }

/** The lmdb file: one ordered map of bytes, written in batches that are atomic and durable. */
export class Environment implements View {
  private readonly db: RootDatabase<Buffer, Buffer>

  constructor(path: string) {
    this.db = open<Buffer, Buffer>({
      path,
      keyEncoding: 'binary',
      encoding: 'binary',
      maxReaders: 1024,
      pageSize: 4096,
    })
  }

  get(key: Buffer): Buffer | undefined {
    return this.db.getBinary(key)
  }

  range(range: KeyRange, reverse = false): IterableIterator<Entry> {
    return this.iterate(range, reverse, undefined)
  }

  count({ from, to }: KeyRange): number {
    return this.db.getKeysCount({ start: from, end: to })
  }

  /** Freezes what is visible now. Holding it keeps old pages from reuse, so it is for transactions with a deadline. */
  snapshot(): Snapshot {
    this.db.resetReadTxn()
    const transaction = this.db.useReadTransaction()
    let released = false
    return {
      get: (key) => this.db.get(key, { transaction }),
      range: (range, reverse = false) => this.iterate(range, reverse, transaction),
      release: () => {
        if (!released) transaction.done()
        released = true
      },
    }
  }

  /** Applies all writes or none; resolves once they are visible to reads. */
  async apply(writes: WriteSet): Promise<void> {
    try {
      await this.db.batch(() => {
        for (const { key, value } of writes.values()) {
          // The promise of a single write inside a batch tells nothing that the batch's own does not.
          if (value === undefined) void this.db.remove(key)
          else void this.db.put(key, value)
        }
      })
    } catch (error) {
      throw await commitFailure(error)
    }
  }

  /** Resolves once everything that was visible at the call is on disk. */
  async flushed(): Promise<void> {
    await this.db.flushed
  }

  /** Runs alone among all processes that have this folder open, and is durable when it returns. */
  exclusively<T>(action: (put: (key: Buffer, value: Buffer) => void) => T): T {
    return this.db.transactionSync(() => action((key, value) => this.db.putSync(key, value)))
  }

  async close(): Promise<void> {
    await this.db.close()
  }

  private *iterate(range: KeyRange, reverse: boolean, transaction: Transaction | undefined): Generator<Entry> {
    // lmdb starts a reverse range at `start`, inclusive, and leaves `end` out: the opposite of what is meant here.
    const bounds = reverse
      ? { start: range.to, end: range.from, reverse, inclusiveEnd: true, exclusiveStart: true }
      : { start: range.from, end: range.to }
    for (const { key, value } of this.db.getRange(transaction === undefined ? bounds : { ...bounds, transaction })) {
      yield { key, value }
    }
  }
}

async function commitFailure(error: unknown): Promise<unknown> {
  const text = await reasonOf(error)
  const full = /No space left|MDB_MAP_FULL|ENOSPC/.test(text)
  return new CommandError(full ? 'OutOfDiskSpace' : 'InternalError', `the write was not stored: ${text}`)
}

/** lmdb rejects with an error that has the reason as a promise, which rejects with it. */
async function reasonOf(error: unknown): Promise<string> {
  if (!(error instanceof Error)) return String(error)
  if (!('commitError' in error)) return error.message
  try {
    await error.commitError
    return error.message
  } catch (reason) {
    return reason instanceof Error ? reason.message : String(reason)
  }
}
