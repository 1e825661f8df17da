import type { Binary, Long } from 'bson'
import type { Transaction } from './transaction.ts'

/** A logical session of a client; many connections may use it, one after the other. */
export class Session {
  readonly id: Buffer
  lastUsed: number
  /** The newest number of a retryable write or transaction. */
  txnNumber: Long | undefined
  transaction: Transaction | undefined
  /** The connection over which its transaction was worked on last. */
  connectionId: number | undefined
  private tail: Promise<void> = Promise.resolve()

  constructor(id: Buffer, now: number) {
    this.id = id
    this.lastUsed = now
  }

  /**
   * Runs work after all earlier work of this session. A driver that lost its connection sends a write again on another
   * while the first may still be running; the second must wait for the first's answer.
   */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.tail
    const running = before.then(work)
    this.tail = settled(running)
    return running
  }
}

export function sessionIdOf(lsid: { id: Binary }): Buffer {
  return Buffer.from(lsid.id.buffer.subarray(0, lsid.id.position))
}

async function settled(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work])
}
