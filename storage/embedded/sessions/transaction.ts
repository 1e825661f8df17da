import { CommandError } from '../errors.ts'
import { namespaceOf, type Collection } from '../engine/collection.ts'
import type { Environment, Snapshot } from '../engine/environment.ts'
import type { LockOwner, Locks } from '../engine/locks.ts'
import type { Unit } from '../engine/unit.ts'
import type { View } from '../engine/view.ts'
import { overlay, WriteSet } from '../engine/write-set.ts'
import type { Writer } from '../engine/writer.ts'
import type { Catalog } from '../engine/catalog.ts'
import { encodeLogTime, type Clock } from '../engine/clock.ts'
import type { Change } from '../oplog/change.ts'
import type { Doc } from '../query/bson.ts'
import type { StatementLog } from './statement-log.ts'

export type TransactionParts = {
  environment: Environment
  catalog: Catalog
  locks: Locks
  writer: Writer
  clock: Clock
  now: () => number
}

/**
 * A transaction: reads come from the snapshot taken at its first operation with its own writes above, and writes wait in
 * memory until the commit applies all of them in one unit. The first to write a key wins; the others are told to retry.
 */
export class Transaction implements LockOwner {
  state: 'open' | 'committing' | 'committed' | 'aborted' = 'open'
  readonly view: View
  readonly finished: Promise<void>
  readonly startedAt: number
  private readonly parts: TransactionParts
  private readonly snapshot: Snapshot
  private readonly collections: ReadonlyMap<string, Collection>
  private readonly used = new Set<Collection>()
  /** Collections that exist once the transaction is committed. */
  private readonly created = new Map<string, Collection>()
  private readonly writes = new WriteSet()
  private readonly changes: Change[] = []
  private readonly claimed = new Map<string, Buffer>()
  private finish: () => void = () => {}

  constructor(parts: TransactionParts) {
    this.parts = parts
    this.startedAt = parts.now()
    this.snapshot = parts.environment.snapshot()
    this.collections = parts.catalog.snapshot()
    this.view = overlay(this.snapshot, this.writes)
    this.finished = new Promise((resolve) => (this.finish = resolve))
  }

  /** The collection as it was when the transaction began; throws when it has been changed or dropped since. */
  find(db: string, name: string): Collection | undefined {
    const created = this.created.get(`${db}.${name}`)
    if (created !== undefined) return created
    const collection = this.collections.get(`${db}.${name}`)
    if (this.parts.catalog.find(db, name) !== collection) throw catalogChanged(`${db}.${name}`)
    if (collection !== undefined) this.used.add(collection)
    return collection
  }

  /** A new collection, which only this transaction sees until its commit. */
  create(db: string, name: string, options: Doc): Collection {
    this.checkOpen()
    const collection = this.parts.catalog.design(db, name, options)
    this.created.set(namespaceOf(collection), collection)
    return collection
  }

  /** Whether the collection is still what the transaction took it for. */
  holds(collection: Collection): boolean {
    return this.created.get(namespaceOf(collection)) === collection || this.parts.catalog.holds(collection)
  }

  /** Runs a job that writes. It runs in the writer's turn, so that conflicts are judged against the newest state. */
  run<T>(job: (unit: Unit) => T | Promise<T>): Promise<T> {
    return this.parts.writer.run((latest) => {
      this.checkOpen()
      return job(this.unitAgainst(latest.view))
    })
  }

  async commit(log: StatementLog): Promise<void> {
    this.checkOpen()
    this.state = 'committing'
    try {
      const { writer, catalog } = this.parts
      if (this.created.size === 0) {
        await writer.run((unit) => this.apply(unit, log))
      } else {
        await writer.exclusive(async (apply) => {
          await apply((unit) => this.apply(unit, log))
          for (const collection of this.created.values()) catalog.adopt(collection)
        })
      }
      this.end('committed')
    } catch (error) {
      this.end('aborted')
      throw error
    }
  }

  private apply(unit: Unit, log: StatementLog): void {
    const { catalog } = this.parts
    for (const collection of this.used) {
      if (!catalog.holds(collection)) throw catalogChanged(namespaceOf(collection))
    }
    for (const collection of this.created.values()) {
      const { db, name, uuid } = collection
      if (catalog.find(db, name) !== undefined) throw catalogChanged(namespaceOf(collection))
      for (const { key, value } of catalog.entriesFor(collection)) unit.put(key, value)
      unit.log({ kind: 'create', db, collection: name, uuid })
    }
    for (const { key, value } of this.writes.values()) {
      if (value === undefined) unit.remove(key)
      else unit.put(key, value)
    }
    for (const change of this.changes) unit.log(change)
    log.record(unit, 0, { outcome: { committed: true } })
    log.forgetOlder(unit)
  }

  abort(): void {
    // What is being committed can no longer be taken back; its end is told by commit().
    if (this.state === 'open') this.end('aborted')
  }

  private checkOpen(): void {
    if (this.state !== 'open') throw noSuchTransaction('the transaction has been aborted')
  }

  private end(state: 'committed' | 'aborted'): void {
    this.state = state
    this.parts.locks.release(this.claimed.values())
    this.snapshot.release()
    this.finish()
  }

  private unitAgainst(latest: View): Unit {
    const unit: Unit = {
      view: this.view,
      put: (key, value) => this.writes.put(key, value),
      remove: (key) => this.writes.put(key, undefined),
      claim: (key) => this.claim(key, latest),
      stamp: () => encodeLogTime(this.parts.clock.next()),
      log: (change) => void this.changes.push(change),
      // Any error ends the whole transaction, so there is nothing to take back by parts.
      attempt: (part) => part(unit),
    }
    return unit
  }

  private claim(key: Buffer, latest: View): void {
    // A job that waits may find its transaction timed out; what it took then would never be released.
    this.checkOpen()
    const name = key.toString('latin1')
    if (this.claimed.has(name)) return
    if (this.parts.locks.ownerOf(key) !== undefined) throw writeConflict()
    const now = latest.get(key)
    const then = this.snapshot.get(key)
    if (now === undefined ? then !== undefined : then === undefined || !now.equals(then)) throw writeConflict()
    this.parts.locks.take(key, this)
    this.claimed.set(name, key)
  }
}

const transient = { errorLabels: ['TransientTransactionError'] }

export function noSuchTransaction(why: string): CommandError {
  return new CommandError('NoSuchTransaction', why, transient)
}

function writeConflict(): CommandError {
  return new CommandError(
    'WriteConflict',
    'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.',
    transient,
  )
}

function catalogChanged(namespace: string): CommandError {
  return new CommandError('SnapshotUnavailable', `${namespace} was changed after the transaction began`, transient)
}
