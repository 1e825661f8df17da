import { carriageReturn, colon, inName, inValue, lineFeed } from './bytes.ts'
import { ResponseError } from './response-error.ts'

/** Told instead of an end where bytes are missing. */
export const incomplete = -1

/** Takes one field; both ranges are without the colon, the value may have white space around it. */
export interface FieldSink {
  field(bytes: Uint8Array, nameAt: number, nameEnd: number, valueAt: number, valueEnd: number): void
}

/**
 * Reads header fields to the empty line that ends them and returns what is behind it, or `incomplete`. A line that is
 * folded, ends without CR and LF, has white space before its colon, or a control character, is refused.
 */
export function readFields(bytes: Uint8Array, from: number, end: number, sink: FieldSink): number {
  let at = from
  while (at < end) {
    if (bytes[at] === carriageReturn) return lineEnd(bytes, at, end)
    const nameAt = at
    while (at < end && inName[bytes[at] as number] === 1) at += 1
    if (at === end) return incomplete
    const nameEnd = at
    if (nameEnd === nameAt || bytes[at] !== colon) throw new ResponseError('a header line without a name')
    const valueAt = (at += 1)
    while (at < end && inValue[bytes[at] as number] === 1) at += 1
    const valueEnd = at
    at = lineEnd(bytes, at, end)
    if (at === incomplete) return incomplete
    sink.field(bytes, nameAt, nameEnd, valueAt, valueEnd)
  }
  return incomplete
}

/** What is behind the CR and LF that must be at a place, or `incomplete`. */
export function lineEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at === end) return incomplete
  if (bytes[at] !== carriageReturn) throw new ResponseError('a control character in a header')
  if (at + 1 === end) return incomplete
  if (bytes[at + 1] !== lineFeed) throw new ResponseError('a CR without its LF')
  return at + 2
}
