import { namespaceOf, type Collection } from '../engine/collection.ts'
import { decodeRecordId, keyAfter, type KeyRange } from '../engine/keys.ts'
import { documentOf, readRecord, type StoredRecord } from '../engine/stored-record.ts'
import type { Entry, View } from '../engine/view.ts'
import { CommandError } from '../errors.ts'
import type { Plan } from './choose-plan.ts'

/** Walks a plan's candidates, each record once. Can be set aside between any two of them and holds nothing then. */
export class Scanner {
  /** Index keys and records looked at, for explain. */
  keysExamined = 0
  docsExamined = 0
  private readonly view: View
  private readonly collection: Collection
  private readonly plan: Plan
  private readonly ranges: KeyRange[]
  private readonly seen = new Set<number>()
  private entries: IterableIterator<Entry> | undefined
  private lastKey: Buffer | undefined

  constructor(view: View, collection: Collection, plan: Plan) {
    this.view = view
    this.collection = collection
    this.plan = plan
    this.ranges = plan.reverse ? plan.ranges.toReversed() : [...plan.ranges]
  }

  next(): StoredRecord | undefined {
    for (;;) {
      const entry = this.nextEntry()
      if (entry === undefined) return undefined
      const { scan } = this.plan
      if (scan === undefined) {
        this.docsExamined++
        return { id: decodeRecordId(entry.key.subarray(4)), bytes: documentOf(entry.value) }
      }
      this.keysExamined++
      const id = decodeRecordId(entry.value)
      if (scan.index.multikey) {
        if (this.seen.has(id)) continue
        this.seen.add(id)
      }
      const record = readRecord(this.view, this.collection, id)
      this.docsExamined++
      // Between two turns the record may have been deleted.
      if (record !== undefined) return record
    }
  }

  /** Lets go of lmdb's cursor; the next call of next() goes on after the last entry. */
  release(): void {
    this.entries?.return?.()
    this.entries = undefined
  }

  private nextEntry(): Entry | undefined {
    for (;;) {
      const range = this.ranges[0]
      if (range === undefined) return undefined
      this.entries ??= this.open(range)
      const result = this.entries.next()
      if (result.done !== true) {
        this.lastKey = result.value.key
        return result.value
      }
      this.entries = undefined
      this.lastKey = undefined
      this.ranges.shift()
    }
  }

  private open(range: KeyRange): IterableIterator<Entry> {
    // The index on _id, the first, goes only with the collection.
    const index = this.plan.scan?.index ?? this.collection.indexes[0]
    if (index?.dropped === true) {
      throw new CommandError(
        'QueryPlanKilled',
        `${namespaceOf(this.collection)} or its index ${index.name} was dropped`,
      )
    }
    return this.view.range(this.rest(range), this.plan.reverse)
  }

  private rest(range: KeyRange): KeyRange {
    if (this.lastKey === undefined) return range
    return this.plan.reverse ? { from: range.from, to: this.lastKey } : { from: keyAfter(this.lastKey), to: range.to }
  }
}
