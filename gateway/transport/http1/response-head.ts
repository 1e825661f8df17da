import { comma, digitOf, inValue, space } from './bytes.ts'
import { ResponseError } from './response-error.ts'
import { type FieldSink, incomplete, lineEnd, readFields } from './response-fields.ts'

/** Told where a head does not say a number. */
export const unsaid = -1

const version = Buffer.from('HTTP/1.')
const names = {
  contentLength: Buffer.from('content-length'),
  transferEncoding: Buffer.from('transfer-encoding'),
  connection: Buffer.from('connection'),
  keepAlive: Buffer.from('keep-alive'),
}
const values = { chunked: Buffer.from('chunked'), close: Buffer.from('close'), keepAlive: Buffer.from('keep-alive') }
const timeout = Buffer.from('timeout=')

/** What a client must know of a response's head; other fields are checked and forgotten. */
export class ResponseHead implements FieldSink {
  status = 0
  /** Bytes of the body as Content-Length says, or `unsaid`. */
  length = unsaid
  chunked = false
  /** Whether the server goes on with the connection. */
  persistent = false
  /** Seconds for which the server keeps an idle connection, or `unsaid`. */
  idleSeconds = unsaid
  #minor = 0
  #closes = false

  /** Reads a head from its first byte and returns what is behind it, or `incomplete`. */
  read(bytes: Uint8Array, from: number, end: number): number {
    this.length = unsaid
    this.chunked = false
    this.idleSeconds = unsaid
    this.#closes = false
    const fieldsAt = this.#readStatusLine(bytes, from, end)
    if (fieldsAt === incomplete) return incomplete
    const bodyAt = readFields(bytes, fieldsAt, end, this)
    if (bodyAt === incomplete) return incomplete
    if (this.chunked && this.length !== unsaid) throw new ResponseError('two lengths of one body')
    // RFC 9112, section 6.1: a server of 1.0 cannot mean it.
    if (this.chunked && this.#minor === 0) throw new ResponseError('chunks in HTTP/1.0')
    if (this.#closes) this.persistent = false
    return bodyAt
  }

  field(bytes: Uint8Array, nameAt: number, nameEnd: number, from: number, to: number): void {
    const nameLength = nameEnd - nameAt
    // Names of other lengths are nothing to us, and this is asked for every field of every answer.
    if (nameLength !== 10 && nameLength !== 14 && nameLength !== 17) return
    // Spaces only: parsers differ on tabs, and nobody sends them.
    let valueAt = from
    let valueEnd = to
    while (valueAt < valueEnd && bytes[valueAt] === space) valueAt += 1
    while (valueEnd > valueAt && bytes[valueEnd - 1] === space) valueEnd -= 1
    if (equals(bytes, nameAt, nameEnd, names.contentLength)) this.#takeLength(bytes, valueAt, valueEnd)
    else if (equals(bytes, nameAt, nameEnd, names.connection)) this.#takeConnection(bytes, valueAt, valueEnd)
    else if (equals(bytes, nameAt, nameEnd, names.keepAlive)) this.#takeKeepAlive(bytes, valueAt, valueEnd)
    else if (equals(bytes, nameAt, nameEnd, names.transferEncoding)) this.#takeEncoding(bytes, valueAt, valueEnd)
  }

  /** `HTTP/1.1 200 OK`; a server may leave the reason away. */
  #readStatusLine(bytes: Uint8Array, from: number, end: number): number {
    const known = Math.min(end - from, version.length)
    for (let index = 0; index < known; index += 1) {
      if (bytes[from + index] !== version[index]) throw new ResponseError('no answer of HTTP/1')
    }
    // The shortest line is `HTTP/1.1 200` and its end.
    if (end - from < 13) return incomplete
    this.#minor = digitOf(bytes[from + 7])
    if (this.#minor !== 0 && this.#minor !== 1) throw new ResponseError('another version of HTTP')
    const hundreds = digitOf(bytes[from + 9])
    const tens = digitOf(bytes[from + 10])
    const units = digitOf(bytes[from + 11])
    if (bytes[from + 8] !== space || hundreds < 1 || tens < 0 || units < 0) throw new ResponseError('no status')
    this.status = hundreds * 100 + tens * 10 + units
    this.persistent = this.#minor === 1
    let at = from + 12
    if (bytes[at] === space) {
      while (at < end && inValue[bytes[at] as number] === 1) at += 1
    }
    return lineEnd(bytes, at, end)
  }

  #takeLength(bytes: Uint8Array, from: number, end: number): void {
    // Two that are equal are refused as well: what sends both is not to be trusted with frames.
    if (this.length !== unsaid) throw new ResponseError('Content-Length twice')
    this.length = numberAt(bytes, from, end)
    if (this.length === unsaid) throw new ResponseError('a Content-Length that is no number')
  }

  #takeEncoding(bytes: Uint8Array, from: number, end: number): void {
    if (this.chunked || !equals(bytes, from, end, values.chunked)) throw new ResponseError('a transfer coding')
    this.chunked = true
  }

  #takeConnection(bytes: Uint8Array, from: number, end: number): void {
    let at = from
    while (at <= end) {
      let wordEnd = at
      while (wordEnd < end && bytes[wordEnd] !== comma) wordEnd += 1
      let wordAt = at
      at = wordEnd + 1
      while (wordAt < wordEnd && bytes[wordAt] === space) wordAt += 1
      while (wordEnd > wordAt && bytes[wordEnd - 1] === space) wordEnd -= 1
      if (equals(bytes, wordAt, wordEnd, values.close)) this.#closes = true
      else if (equals(bytes, wordAt, wordEnd, values.keepAlive)) this.persistent = true
    }
  }

  #takeKeepAlive(bytes: Uint8Array, from: number, end: number): void {
    for (let at = from; at + timeout.length < end; at += 1) {
      if (!equals(bytes, at, at + timeout.length, timeout)) continue
      let digitsEnd = at + timeout.length
      while (digitsEnd < end && digitOf(bytes[digitsEnd]) >= 0) digitsEnd += 1
      this.idleSeconds = numberAt(bytes, at + timeout.length, digitsEnd)
      return
    }
  }
}

/** A length that comes after the body would make another body of it for others on the way. */
const trailerSink: FieldSink = {
  field(bytes, nameAt, nameEnd) {
    if (equals(bytes, nameAt, nameEnd, names.contentLength) || equals(bytes, nameAt, nameEnd, names.transferEncoding)) {
      throw new ResponseError('the frame of a body after it')
    }
  },
}

/** Reads the trailer of a chunked body and returns what is behind it, or `incomplete`. */
export function readTrailer(bytes: Uint8Array, from: number, end: number): number {
  return readFields(bytes, from, end, trailerSink)
}

/** Whether a range is a word, whatever its letters' case; `=` and `-` stay what they are with the bit of the case. */
function equals(bytes: Uint8Array, from: number, end: number, word: Uint8Array): boolean {
  if (end - from !== word.length) return false
  for (let index = 0; index < word.length; index += 1) {
    if (((bytes[from + index] as number) | 0x20) !== word[index]) return false
  }
  return true
}

/** The number that a range of at most ten digits says, or `unsaid`. */
function numberAt(bytes: Uint8Array, from: number, end: number): number {
  if (end === from || end - from > 10) return unsaid
  let number = 0
  for (let at = from; at < end; at += 1) {
    const digit = digitOf(bytes[at])
    if (digit < 0) return unsaid
    number = number * 10 + digit
  }
  return number
}
