import type { BodyBuffer } from './body-buffer.ts'
import { carriageReturn, hexDigitOf, inValue, lineFeed, semicolon } from './bytes.ts'
import { ResponseError } from './response-error.ts'

/** The longest line that says the size of a chunk; extensions in it are nothing to us. */
const lineLimit = 256
/** Digits of the largest size that could be within the limit of a body. */
const sizeDigits = 8

/** Reads the frames of a chunked body up to its trailer (RFC 9112, section 7.1). */
export class ChunkReader {
  #expects: 'size' | 'extension' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' = 'size'
  #left = 0
  #lineLength = 0

  begin(): void {
    this.#expects = 'size'
    this.#left = 0
    this.#lineLength = 0
  }

  /** Takes bytes into a body; returns where the trailer begins, or -1 when all were taken. */
  read(bytes: Buffer, from: number, end: number, body: BodyBuffer): number {
    let at = from
    while (at < end) {
      if (this.#expects === 'data') {
        const taken = Math.min(this.#left, end - at)
        body.append(bytes, at, at + taken)
        at += taken
        this.#left -= taken
        if (this.#left === 0) this.#expects = 'data-cr'
      } else {
        if (this.#readFrame(bytes[at] as number)) return at + 1
        at += 1
      }
    }
    return -1
  }

  /** Whether this byte ends the last chunk. */
  #readFrame(byte: number): boolean {
    switch (this.#expects) {
      case 'size':
        this.#readSize(byte)
        return false
      case 'extension':
        if (byte === carriageReturn) this.#expects = 'size-lf'
        else if (inValue[byte] !== 1 || (this.#lineLength += 1) > lineLimit) throw new ResponseError('a chunk')
        return false
      case 'size-lf':
        this.#expects = 'data'
        this.#lineLength = 0
        if (byte !== lineFeed) throw new ResponseError('a CR without its LF')
        return this.#left === 0
      case 'data-cr':
        this.#expects = 'data-lf'
        if (byte !== carriageReturn) throw new ResponseError('a chunk longer than its size')
        return false
      default:
        this.#expects = 'size'
        if (byte !== lineFeed) throw new ResponseError('a CR without its LF')
        return false
    }
  }

  #readSize(byte: number): void {
    const digit = hexDigitOf(byte)
    if (digit >= 0 && this.#lineLength < sizeDigits) {
      this.#left = this.#left * 16 + digit
      this.#lineLength += 1
    } else if (this.#lineLength > 0 && byte === carriageReturn) this.#expects = 'size-lf'
    else if (this.#lineLength > 0 && byte === semicolon) this.#expects = 'extension'
    else throw new ResponseError('a chunk without a size')
  }
}
