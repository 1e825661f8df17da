import { calculateObjectSize } from 'bson'
import { CommandError } from '../../errors.ts'
import type { Doc } from '../bson.ts'

/** Counts the bytes that a stage holds, and refuses to hold more than the limit. */
export class MemoryMeter {
  private used = 0
  private readonly stage: string
  private readonly limit: number

  constructor(stage: string, limit: number) {
    this.stage = stage
    this.limit = limit
  }

  add(bytes: number): void {
    this.used += bytes
    if (this.used <= this.limit) return
    throw new CommandError(
      'QueryExceededMemoryLimitNoDiskUseAllowed',
      `${this.stage} exceeded memory limit of ${this.limit} bytes; the embedded database does not sort or group on disk`,
    )
  }

  release(bytes: number): void {
    this.used -= bytes
  }
}

/** About what a document takes. */
export function sizeOfDoc(doc: Doc): number {
  return calculateObjectSize(doc)
}

/** About what a value takes. */
export function sizeOfValue(value: unknown): number {
  if (value === undefined || value === null || typeof value === 'boolean') return 8
  if (typeof value === 'string') return value.length * 2 + 8
  return calculateObjectSize({ '': value })
}
