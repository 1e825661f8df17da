import type { Change } from '../oplog/change.ts'
import { encodeLogTime, type Clock } from './clock.ts'
import { Blocked, type Locks } from './locks.ts'
import type { View } from './view.ts'
import { overlay, WriteSet } from './write-set.ts'

/** Writes that become visible and durable together, or not at all. */
export type Unit = {
  /** What is there, own writes included. */
  readonly view: View
  put(key: Buffer, value: Buffer): void
  remove(key: Buffer): void
  /** To be called before a key is written that others may write too; throws when their write would be lost. */
  claim(key: Buffer): void
  /** Eight bytes that no other write of this process gets, to tell versions of a record apart. */
  stamp(): Buffer
  /** Tells the oplog. */
  log(change: Change): void
  /** Runs a part of the unit that leaves nothing behind when it throws. */
  attempt<T>(part: (unit: Unit) => T): T
}

/** A unit that is applied as soon as it ends. */
export class ImmediateUnit implements Unit {
  readonly view: View
  readonly writes = new WriteSet()
  readonly changes: Change[] = []
  /** By how much the unit lets the oplog shrink. */
  trimmedBytes = 0
  private readonly shared: { readonly locks: Locks; readonly clock: Clock }

  constructor(base: View, shared: { readonly locks: Locks; readonly clock: Clock }) {
    this.view = overlay(base, this.writes)
    this.shared = shared
  }

  put(key: Buffer, value: Buffer): void {
    this.writes.put(key, value)
  }

  remove(key: Buffer): void {
    this.writes.put(key, undefined)
  }

  claim(key: Buffer): void {
    const owner = this.shared.locks.ownerOf(key)
    if (owner !== undefined) throw new Blocked(owner)
  }

  stamp(): Buffer {
    return encodeLogTime(this.shared.clock.next())
  }

  log(change: Change): void {
    this.changes.push(change)
  }

  attempt<T>(part: (unit: Unit) => T): T {
    const inner = new ImmediateUnit(this.view, this.shared)
    const result = part(inner)
    this.writes.absorb(inner.writes)
    this.changes.push(...inner.changes)
    return result
  }
}
