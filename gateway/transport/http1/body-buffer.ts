import type { BodyMemory } from './body-memory.ts'
import { ResponseError } from './response-error.ts'

/** An answer of a subgraph larger than this is refused instead of being read into memory. */
export const bodyLimitBytes = 32 * 1024 * 1024
/** What is set aside for a body on the word of its head; more when it comes. */
const believedBytes = 1024 * 1024
const nothing = Buffer.alloc(0)

/** A body that comes in pieces. */
export class BodyBuffer {
  readonly #memory: BodyMemory
  #bytes: Buffer = nothing
  #length = 0

  constructor(memory: BodyMemory) {
    this.#memory = memory
  }

  /** Bytes that have come. */
  get length(): number {
    return this.#length
  }

  /** Makes room for so many bytes that are announced. */
  expect(announced: number): void {
    if (announced > 0) this.#grow(Math.min(announced, believedBytes))
  }

  append(bytes: Buffer, from: number, end: number): void {
    const length = this.#length + end - from
    if (length > bodyLimitBytes) throw new ResponseError('a body that is too large')
    if (length > this.#bytes.length) this.#grow(Math.max(length, this.#bytes.length * 2))
    bytes.copy(this.#bytes, this.#length, from, end)
    this.#length = length
  }

  /** The text of what came, which is not kept. */
  take(): string {
    const text = this.#bytes.toString('utf8', 0, this.#length)
    this.drop()
    return text
  }

  /** Forgets what came. */
  drop(): void {
    this.#memory.giveBack(this.#bytes)
    this.#bytes = nothing
    this.#length = 0
  }

  #grow(bytes: number): void {
    const larger = this.#memory.take(bytes)
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#memory.giveBack(this.#bytes)
    this.#bytes = larger
  }
}
