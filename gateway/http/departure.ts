import { setMaxListeners } from 'node:events'
import type { ServerResponse } from 'node:http'

/**
 * Watches the client of an answer that has not been sent. A class, because an object literal with a getter gets a
 * hidden class of its own per request, which the garbage collector pays for.
 */
export class Departure {
  #controller: AbortController | undefined
  #gone = false

  constructor(response: ServerResponse) {
    response.once('close', () => {
      // Told after every answer; only one that was not sent whole has lost its client.
      if (response.writableFinished) return
      this.#gone = true
      this.#controller?.abort()
    })
  }

  /** Ends when the client is gone before its answer, or when it is ended; made on first use, for it costs more than all else of a front. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      // One operation may wait for any number of fetches at once; they all leave with it.
      setMaxListeners(0, this.#controller.signal)
      if (this.#gone) this.#controller.abort()
    }
    return this.#controller.signal
  }

  /** Ends it for another reason. */
  abort(reason: unknown): void {
    this.#controller?.abort(reason)
  }
}
