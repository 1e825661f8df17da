import { Long } from 'bson'
import { prefixRange, tableKey, tables } from '../engine/keys.ts'
import type { Unit } from '../engine/unit.ts'
import type { View } from '../engine/view.ts'
import { readDoc, writeDoc, type Doc } from '../query/bson.ts'

/**
 * What the statements of one retryable write, or a commit, have answered. Stored in the same commit as their effects,
 * so that a retry is answered from it, also after a restart, and never carried out twice.
 */
export class StatementLog {
  private readonly view: View
  private readonly sessionPrefix: Buffer
  private readonly prefix: Buffer
  private older: readonly Buffer[] | undefined
  private known: Map<number, Doc> | undefined

  constructor(view: View, sessionId: Uint8Array, txnNumber: Long) {
    this.view = view
    this.sessionPrefix = tableKey(tables.sessions, sessionId)
    this.prefix = Buffer.concat([this.sessionPrefix, encodeNumber(txnNumber)])
  }

  /** The outcome of a statement that was carried out. */
  find(statement: number): Doc | undefined {
    this.known ??= this.load()
    return this.known.get(statement)
  }

  /** Remembers the outcome of a statement, or of several neighbours that had the same. */
  record(unit: Unit, statement: number, { outcome, count = 1 }: { outcome: Doc; count?: number }): void {
    const place = Buffer.allocUnsafe(4)
    place.writeUInt32BE(statement)
    const row = count === 1 ? { at: new Date(), outcome } : { at: new Date(), outcome, count }
    unit.put(Buffer.concat([this.prefix, place]), Buffer.from(writeDoc(row)))
  }

  private load(): Map<number, Doc> {
    const known = new Map<number, Doc>()
    for (const { key, value } of this.view.range(prefixRange(this.prefix))) {
      const first = key.readUInt32BE(this.prefix.length)
      const { outcome, count = 1 } = readDoc(value)
      for (let place = 0; place < Number(count); place++) known.set(first + place, outcome as Doc)
    }
    return known
  }

  /** Removes what a session has stored under earlier numbers: having gone on, it never asks for them again. */
  forgetOlder(unit: Unit): void {
    this.older ??= Array.from(this.view.range({ from: this.sessionPrefix, to: this.prefix }), ({ key }) => key)
    for (const key of this.older) unit.remove(key)
  }
}

/** The highest number that a session has used, as far as it is stored. */
export function lastTxnNumber(view: View, sessionId: Uint8Array): Long | undefined {
  const prefix = tableKey(tables.sessions, sessionId)
  for (const { key } of view.range(prefixRange(prefix), true)) {
    return new Long(key.readInt32BE(prefix.length + 4), key.readInt32BE(prefix.length))
  }
  return undefined
}

function encodeNumber(txnNumber: Long): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeInt32BE(txnNumber.high, 0)
  bytes.writeInt32BE(txnNumber.low, 4)
  return bytes
}
