import { CommandError } from '../errors.ts'
import { encodeLogTime, type LogTime } from '../engine/clock.ts'
import { keyAfter, tableKey, tables } from '../engine/keys.ts'
import type { View } from '../engine/view.ts'
import type { Doc } from '../query/bson.ts'

/** A place in the oplog. All that is at or before it has been told. */
export type LogPosition = {
  readonly time: LogTime
  readonly index: number
  /** Behind the end of the watched collection, from where only a new watch can go on. */
  readonly invalidated: boolean
}

/** Comes after every event of its time. */
export const lastIndex = 0xffffffff

const trimmedKey = tableKey(tables.meta, Buffer.from('oplog trimmed'))

/** The key of an event, or of where it would be. */
export function logKey(time: LogTime, index: number): Buffer {
  const place = Buffer.allocUnsafe(4)
  place.writeUInt32BE(index)
  return tableKey(tables.oplog, encodeLogTime(time), place)
}

/** Where reading goes on. */
export function keyBehind({ time, index }: LogPosition): Buffer {
  return keyAfter(logKey(time, index))
}

/** A resume token, opaque to clients: time, index and whether the stream has ended, in hexadecimal. */
export function encodeToken({ time, index, invalidated }: LogPosition): Doc {
  return { _data: `${logKey(time, index).subarray(4).toString('hex').toUpperCase()}${invalidated ? '01' : '00'}` }
}

export function decodeToken(token: Doc): LogPosition {
  const data = token['_data']
  if (typeof data !== 'string' || !/^[0-9A-F]{24}0[01]$/.test(data)) {
    throw new CommandError('InvalidResumeToken', 'the resume token was not made by this database')
  }
  const bytes = Buffer.from(data, 'hex')
  return { time: bytes.readBigUInt64BE(0), index: bytes.readUInt32BE(8), invalidated: bytes[12] === 1 }
}

/** The newest time that was removed from the oplog. */
export function trimmedTime(view: View): LogTime {
  return view.get(trimmedKey)?.readBigUInt64BE(0) ?? 0n
}

export function trimmedEntry(time: LogTime): { key: Buffer; value: Buffer } {
  return { key: trimmedKey, value: encodeLogTime(time) }
}
