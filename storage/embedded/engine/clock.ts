import { Timestamp } from 'bson'

/** A place in the oplog: seconds in the upper, a counter in the lower 32 bits. */
export type LogTime = bigint

/** Hands out log times that only grow, also across restarts and when the system's clock is set back. */
export class Clock {
  private last: LogTime

  constructor(last: LogTime) {
    this.last = last
  }

  next(): LogTime {
    const now = BigInt(Math.floor(Date.now() / 1000)) << 32n
    this.last = now > this.last ? now + 1n : this.last + 1n
    return this.last
  }
}

export function encodeLogTime(time: LogTime): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(time)
  return bytes
}

export function toTimestamp(time: LogTime): Timestamp {
  return new Timestamp({ t: Number(time >> 32n), i: Number(time & 0xffffffffn) })
}

export function fromTimestamp(timestamp: Timestamp): LogTime {
  return (BigInt(timestamp.high >>> 0) << 32n) | BigInt(timestamp.low >>> 0)
}
