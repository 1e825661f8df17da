import { createHmac, timingSafeEqual } from 'node:crypto'

/** Cursors of the event log: opaque texts that name a place in it, the same for poll, webhooks and streams. */
export interface EventCursors {
  /** The cursor behind all events up to this position; of 0, before the first. */
  encode(position: number): string
  /** The position of a cursor that this installation has made; null for any other text. */
  decode(cursor: string): number | null
}

const positionBytes = 8
const checkBytes = 8

/**
 * A cursor is `evc_` and, in base64url, the position as eight bytes and eight bytes of HMAC-SHA256 over them under the
 * installation's cursor key. So a cursor of another installation, or one that was made up or cut short, is refused
 * instead of beginning somewhere.
 */
export function createEventCursors(key: Uint8Array): EventCursors {
  const check = (position: Uint8Array): Buffer =>
    createHmac('sha256', key).update('event-cursor').update(position).digest().subarray(0, checkBytes)
  return {
    encode(position) {
      const bytes = Buffer.alloc(positionBytes)
      bytes.writeBigUInt64BE(BigInt(position))
      return `evc_${Buffer.concat([bytes, check(bytes)]).toString('base64url')}`
    },
    decode(cursor) {
      if (!/^evc_[\w-]{22}$/.test(cursor)) return null
      const bytes = Buffer.from(cursor.slice(4), 'base64url')
      const position = bytes.subarray(0, positionBytes)
      if (!timingSafeEqual(bytes.subarray(positionBytes), check(position))) return null
      return Number(position.readBigUInt64BE())
    },
  }
}
