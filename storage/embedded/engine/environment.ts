import { statfsSync } from 'node:fs'
import { open, type RootDatabase, type Transaction } from 'lmdb'
import { CommandError } from '../errors.ts'
import type { KeyRange } from './keys.ts'
import type { Entry, View } from './view.ts'
import type { WriteSet } from './write-set.ts'

/** A frozen state of everything that was committed when it was taken; must be released. */
export type Snapshot = View & { release(): void }

/** With less than the largest message free, a write that failed most likely did for want of room. */
const almostFullBytes = 64 * 1024 * 1024

/** Whether an error of lmdb's tells that the disk is full. */
export function isDiskFull(message: string): boolean {
  return /No space left|MDB_MAP_FULL|ENOSPC/.test(message)
}

/** The lmdb file: one ordered map of bytes, written in batches that are atomic and durable. */
export class Environment implements View {
  private readonly db: RootDatabase<Buffer, Buffer>
  private readonly path: string

  constructor(path: string) {
    this.path = path
    this.db = open<Buffer, Buffer>({
      path,
      // A name with a dot in it would be taken for the file itself.
      noSubdir: false,
      keyEncoding: 'binary',
      encoding: 'binary',
      maxReaders: 1024,
      pageSize: 4096,
      // Its batches are not wanted, and the promises of those that fail cannot be caught.
      eventTurnBatching: false,
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
      throw await this.commitFailure(error)
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

  /** On a full disk lmdb tells of an input/output error as often as of the missing space. */
  private async commitFailure(error: unknown): Promise<CommandError> {
    const text = await reasonOf(error)
    const full = isDiskFull(text) || (/Input\/output error/.test(text) && this.freeBytes() < almostFullBytes)
    return new CommandError(full ? 'OutOfDiskSpace' : 'InternalError', `the write was not stored: ${text}`)
  }

  private freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path)
    return bavail * bsize
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
