import { carriageReturn, lineFeed } from './bytes.ts'
import { ResponseError } from './response-error.ts'
import { incomplete } from './response-fields.ts'

/** A head larger than this, with what came before it for the same request, is refused. */
const sectionLimitBytes = 16 * 1024

/** Reads a section that is whole and returns what is behind it, or `incomplete`. */
export type SectionParser = (bytes: Uint8Array, from: number, end: number) => number

/** Keeps a head or a trailer that comes in pieces until its empty line; one that is whole is read where it lies. */
export class HeldSection {
  #held = Buffer.alloc(0)
  #length = 0
  #lineLength = 0
  #before = 0
  /** Bytes of all sections of one answer, so that heads of 1xx without end are refused too. */
  #sum = 0

  begin(): void {
    this.#length = 0
    this.#lineLength = 0
    this.#sum = 0
  }

  /** Takes the bytes of a section and returns what is behind it, or `incomplete` when all were taken. */
  take(bytes: Buffer, from: number, end: number, parse: SectionParser): number {
    if (this.#length === 0) {
      const sectionEnd = parse(bytes, from, end)
      if (sectionEnd !== incomplete) {
        this.#count(sectionEnd - from)
        return sectionEnd
      }
    }
    for (let at = from; at < end; at += 1) {
      if (!this.#hold(bytes[at] as number)) continue
      const length = this.#length
      this.#length = 0
      if (parse(this.#held, 0, length) !== length) throw new ResponseError('a head that ends before its empty line')
      return at + 1
    }
    return incomplete
  }

  /** Whether this byte ends the section. Each is looked at once, however many pieces there are. */
  #hold(byte: number): boolean {
    this.#count(1)
    const before = this.#length === 0 ? 0 : this.#before
    if ((byte === lineFeed) !== (before === carriageReturn)) throw new ResponseError('a line without CR and LF')
    if (this.#length === this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(512, this.#held.length * 2))
      this.#held.copy(larger)
      this.#held = larger
    }
    this.#held[this.#length] = byte
    this.#length += 1
    this.#before = byte
    if (byte !== lineFeed) {
      this.#lineLength += 1
      return false
    }
    const isEmpty = this.#lineLength === 1
    this.#lineLength = 0
    return isEmpty
  }

  #count(bytes: number): void {
    this.#sum += bytes
    if (this.#sum > sectionLimitBytes) throw new ResponseError('a head that is too large')
  }
}
