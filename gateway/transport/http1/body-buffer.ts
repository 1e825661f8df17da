import { ResponseError } from './response-error.ts'

/** An answer of a subgraph larger than this is refused instead of being read into memory. */
export const bodyLimitBytes = 32 * 1024 * 1024
/** What is set aside for a body on the word of its head; more when it comes. */
const believedBytes = 1024 * 1024
const nothing = Buffer.alloc(0)

/** A body that comes in pieces. */
export class BodyBuffer {
  #bytes: Buffer = nothing
  #length = 0

  /** Bytes that have come. */
  get length(): number {
    return this.#length
  }

  /** Begins a body, of which so many bytes are announced. */
  begin(announced: number): void {
    this.#bytes = announced === 0 ? nothing : Buffer.allocUnsafeSlow(Math.min(announced, believedBytes))
    this.#length = 0
  }

  append(bytes: Buffer, from: number, end: number): void {
    const length = this.#length + end - from
    if (length > bodyLimitBytes) throw new ResponseError('a body that is too large')
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 4096, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    bytes.copy(this.#bytes, this.#length, from, end)
    this.#length = length
  }

  /** The text of what came, which is not kept. */
  take(): string {
    const text = this.#bytes.toString('utf8', 0, this.#length)
    this.drop()
    return text
  }

  drop(): void {
    this.#bytes = nothing
    this.#length = 0
  }
}
