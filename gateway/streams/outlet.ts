import type { Writable } from 'node:stream'

/** Bytes that may wait in this process for one client; then its streams are held back. */
export const fullAtBytes = 64 * 1024

/** Outlets that are written to before other work of the process gets its turn. */
const outletsAtOnce = 500

/**
 * The outlets that have something to write, which is written once per turn of the event loop. When events come faster
 * than they can be written one by one, more of them share a write, so that a busy gateway writes less per event.
 */
export class WriteTurns {
  #due: Outlet[] = []
  #scheduled = false

  add(outlet: Outlet): void {
    this.#due.push(outlet)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    const now = this.#due
    this.#due = now.length > outletsAtOnce ? now.splice(outletsAtOnce) : []
    this.#scheduled = this.#due.length > 0
    if (this.#scheduled) setImmediate(this.#turn)
    for (const outlet of now) outlet.flush()
  }
}

/** What is written to one client: gathered per turn, and told when the client reads too little. */
export class Outlet {
  readonly #sink: Writable
  readonly #turns: WriteTurns
  readonly #onDrained: () => void
  #first: Uint8Array | undefined
  #rest: Uint8Array[] | undefined
  #gathered = 0
  /** Someone was told to wait. */
  #held = false

  /** `onDrained` is called when an outlet that was found full has room again. */
  constructor(sink: Writable, turns: WriteTurns, onDrained: () => void) {
    this.#sink = sink
    this.#turns = turns
    this.#onDrained = onDrained
    sink.on('drain', this.#look)
  }

  /** Bytes that wait in this process. */
  get waiting(): number {
    return this.#gathered + this.#sink.writableLength
  }

  /** Takes bytes, which are not to be changed any more. Answers whether there is room for more. */
  write(bytes: Uint8Array): boolean {
    if (this.#first === undefined) {
      this.#first = bytes
      this.#turns.add(this)
    } else (this.#rest ??= []).push(bytes)
    this.#gathered += bytes.length
    return !this.isFull()
  }

  /** Whether to wait for `onDrained` before more is written. */
  isFull(): boolean {
    if (this.waiting < fullAtBytes) return false
    this.#held = true
    return true
  }

  /** Writes what was gathered. */
  flush(): void {
    const first = this.#first
    if (first === undefined) return
    const bytes = this.#rest === undefined ? first : Buffer.concat([first, ...this.#rest], this.#gathered)
    this.#first = undefined
    this.#rest = undefined
    this.#gathered = 0
    if (this.#isGone()) return
    this.#sink.write(bytes)
    this.#look()
  }

  /** A response that is destroyed still calls itself writable. */
  #isGone(): boolean {
    return this.#sink.destroyed || !this.#sink.writable
  }

  readonly #look = (): void => {
    if (!this.#held || this.waiting >= fullAtBytes || this.#isGone()) return
    this.#held = false
    this.#onDrained()
  }
}
