import type { CancelSignal } from '../../../kit/cancellation.ts'
import type { Exchanged } from '../exchange.ts'
import type { Connection } from './connection.ts'

const nobody = (): void => undefined

/**
 * One request, from being asked for to its answer or its end. It and its answer are of classes, and what it needs is
 * put into it one by one: object literals of a place whose objects lived long are made old by V8, and what is old keeps
 * its answer, even when it is dead, until the old generation is collected.
 */
export class Call {
  text: string
  /** How the text becomes bytes: one that is ASCII needs no other look at it. */
  readonly encoding: 'latin1' | 'utf8'
  /** The connection that it was sent on; null while it waits for one. */
  connection: Connection | null = null
  /** Its place in the line of deadlines. */
  expiresAt = 0
  before: Call | null = null
  after: Call | null = null
  resolve: (answer: Exchanged) => void = nobody
  reject: (reason: Error) => void = nobody
  readonly #signal: CancelSignal
  #onAbort: () => void = nobody

  constructor(text: string, encoding: 'latin1' | 'utf8', signal: CancelSignal) {
    this.text = text
    this.encoding = encoding
    this.#signal = signal
  }

  /** Tells of the signal's end. */
  listen(onAbort: (call: Call, signal: CancelSignal) => void): void {
    this.#onAbort = () => onAbort(this, this.#signal)
    this.#signal.addEventListener('abort', this.#onAbort)
  }

  answer(status: number, text: string): void {
    const { resolve } = this
    this.#letGo()
    resolve(new Answer(status, text))
  }

  fail(reason: Error): void {
    const { reject } = this
    this.#letGo()
    reject(reason)
  }

  /** Whoever still points to it, such as memory of the signal's list that is dead and old, keeps nothing more. */
  #letGo(): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#onAbort = nobody
    this.resolve = nobody
    this.reject = nobody
    this.text = ''
  }
}

class Answer implements Exchanged {
  readonly status: number
  readonly text: string

  constructor(status: number, text: string) {
    this.status = status
    this.text = text
  }
}
