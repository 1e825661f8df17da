import { BodyBuffer, bodyLimitBytes } from './body-buffer.ts'
import type { BodyMemory } from './body-memory.ts'
import { ChunkReader } from './chunk-reader.ts'
import { HeldSection, type SectionParser } from './held-section.ts'
import { ResponseError } from './response-error.ts'
import { incomplete } from './response-fields.ts'
import { ResponseHead, readTrailer, unsaid } from './response-head.ts'

/** Reads the answers of one connection, one after the other, from bytes as they come. */
export class ResponseReader {
  readonly #head = new ResponseHead()
  readonly #section = new HeldSection()
  readonly #body: BodyBuffer
  readonly #chunks = new ChunkReader()
  readonly #readHead: SectionParser = (bytes, from, end) => this.#head.read(bytes, from, end)
  #phase: 'head' | 'sized' | 'chunked' | 'trailer' | 'until-close' | 'whole' = 'head'
  #text = ''

  constructor(memory: BodyMemory) {
    this.#body = new BodyBuffer(memory)
  }

  get status(): number {
    return this.#head.status
  }

  /** The body of an answer that is whole. */
  get text(): string {
    return this.#text
  }

  /** Whether the server goes on with the connection after an answer that is whole. */
  get persistent(): boolean {
    return this.#head.persistent
  }

  /** Seconds for which the server says it keeps an idle connection, or `unsaid`. */
  get idleSeconds(): number {
    return this.#head.idleSeconds
  }

  /** Makes ready for the next answer. */
  begin(): void {
    this.#phase = 'head'
    this.#text = ''
    this.#section.begin()
    this.#body.drop()
  }

  /** Takes bytes, which it does not keep; true when the answer is whole. Throws what makes the answer doubtful. */
  read(bytes: Buffer, end: number): boolean {
    let at = 0
    while (at < end) {
      switch (this.#phase) {
        case 'head':
          at = this.#section.take(bytes, at, end, this.#readHead)
          if (at === incomplete) return false
          this.#beginBody()
          break
        case 'sized':
          at = this.#readSized(bytes, at, end)
          break
        case 'chunked':
          at = this.#chunks.read(bytes, at, end, this.#body)
          if (at === incomplete) return false
          this.#phase = 'trailer'
          break
        case 'trailer':
          at = this.#section.take(bytes, at, end, readTrailer)
          if (at === incomplete) return false
          this.#end(this.#body.take())
          break
        case 'until-close':
          this.#body.append(bytes, at, end)
          return false
        case 'whole':
          throw new ResponseError('more than one answer')
      }
    }
    return this.#phase === 'whole'
  }

  /** The server has closed its side; true when that makes the answer whole. */
  close(): boolean {
    if (this.#phase !== 'until-close') return false
    this.#head.persistent = false
    this.#end(this.#body.take())
    return true
  }

  #beginBody(): void {
    const { status, length, chunked } = this.#head
    if (status < 200) {
      if (status === 101) throw new ResponseError('another protocol')
      if (chunked || length !== unsaid) throw new ResponseError('an informational answer with a body')
    } else if (length > bodyLimitBytes) throw new ResponseError('a body that is too large')
    else if (status === 204 || status === 304 || length === 0) this.#end('')
    else if (chunked) {
      this.#phase = 'chunked'
      this.#chunks.begin()
    } else {
      this.#phase = length === unsaid ? 'until-close' : 'sized'
    }
  }

  #readSized(bytes: Buffer, at: number, end: number): number {
    const { length } = this.#head
    const had = this.#body.length
    const left = length - had
    if (had === 0 && end - at >= left) {
      // Most answers lie in one read: their text is made where they are.
      this.#end(bytes.toString('utf8', at, at + left))
      return at + left
    }
    if (had === 0) this.#body.expect(length)
    const taken = Math.min(left, end - at)
    this.#body.append(bytes, at, at + taken)
    if (taken === left) this.#end(this.#body.take())
    return at + taken
  }

  #end(text: string): void {
    this.#text = text
    this.#phase = 'whole'
  }
}
