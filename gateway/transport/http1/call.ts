import type { CancelSignal } from '../../../kit/cancellation.ts'
import type { Exchanged } from '../exchange.ts'
import type { Connection } from './connection.ts'

/** One request, from being asked for to its answer or its end. */
export class Call {
  readonly text: string
  /** How the text becomes bytes: one that is ASCII needs no other look at it. */
  readonly encoding: 'latin1' | 'utf8'
  /** The connection that it was sent on; null while it waits for one. */
  connection: Connection | null = null
  /** Its place in the line of deadlines. */
  expiresAt = 0
  before: Call | null = null
  after: Call | null = null
  readonly resolve: (answer: Exchanged) => void
  readonly reject: (reason: Error) => void
  readonly #signal: CancelSignal
  readonly #onAbort: () => void

  constructor(
    request: { readonly text: string; readonly encoding: 'latin1' | 'utf8'; readonly signal: CancelSignal },
    settle: { readonly resolve: (answer: Exchanged) => void; readonly reject: (reason: Error) => void },
    onAbort: (call: Call, signal: CancelSignal) => void,
  ) {
    this.text = request.text
    this.encoding = request.encoding
    this.resolve = settle.resolve
    this.reject = settle.reject
    this.#signal = request.signal
    this.#onAbort = () => onAbort(this, request.signal)
    request.signal.addEventListener('abort', this.#onAbort)
  }

  /** Takes its listener from the signal, which may live longer. */
  unlisten(): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
  }
}
