/** What a call needs of a signal that ends it. An `AbortSignal` is one; so is a `Cancellation`, which costs a tenth. */
export interface CancelSignal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: true }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/**
 * An `AbortController` with its signal in one small object: Node's pair takes several microseconds for each request,
 * because its signals are event targets whose prototype is exchanged. It takes any number of listeners, for one
 * operation may wait for any number of fetches at once, and tells them once.
 */
export class Cancellation implements CancelSignal {
  #aborted = false
  #reason: unknown
  /** Most have one listener at a time. A list that was made for it would keep it when both are long dead. */
  #only: (() => void) | undefined
  #others: Set<() => void> | undefined

  get aborted(): boolean {
    return this.#aborted
  }

  get reason(): unknown {
    return this.#reason
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.#only === undefined) this.#only = listener
    else (this.#others ??= new Set()).add(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    if (this.#only === listener) this.#only = undefined
    else this.#others?.delete(listener)
  }

  /** Tells all listeners, the first time; the reason is an `AbortError` where none is given. */
  abort(reason: unknown = new DOMException('The operation was aborted.', 'AbortError')): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    const only = this.#only
    this.#only = undefined
    only?.()
    // Who leaves meanwhile is not told.
    if (this.#others) for (const listener of this.#others) listener()
    this.#others = undefined
  }
}

/** The same signal for those who take nothing but Node's own. */
export function abortSignalOf(signal: CancelSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return controller.signal
}
