/** What has a place in a line of deadlines. */
interface Timed<Item> {
  expiresAt: number
  before: Item | null
  after: Item | null
}

/**
 * Ends what takes longer than a given time. All wait equally long, so the line is in the order of its deadlines and
 * one timer looks at the first: to enter and to leave cost no timer and no memory. The timer keeps no process alive.
 */
export class Deadlines<Item extends Timed<Item>> {
  readonly #ms: number
  readonly #onPassed: (item: Item) => void
  #first: Item | null = null
  #last: Item | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(ms: number, onPassed: (item: Item) => void) {
    this.#ms = ms
    this.#onPassed = onPassed
  }

  add(item: Item, now: number): void {
    item.expiresAt = now + this.#ms
    item.before = this.#last
    if (this.#last === null) this.#first = item
    else this.#last.after = item
    this.#last = item
    if (this.#timer === undefined) this.#arm(this.#ms)
  }

  remove(item: Item): void {
    const { before, after } = item
    if (before === null) {
      if (this.#first !== item) return
      this.#first = after
    } else before.after = after
    if (after === null) this.#last = before
    else after.before = before
    item.before = null
    item.after = null
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#endPassed()
    }, ms).unref()
  }

  #endPassed(): void {
    const now = performance.now()
    while (this.#first !== null && this.#first.expiresAt <= now) {
      const item = this.#first
      this.remove(item)
      this.#onPassed(item)
    }
    // Whoever left early let the timer run; it is set anew for the first that is still there.
    if (this.#first !== null && this.#timer === undefined) this.#arm(Math.ceil(this.#first.expiresAt - now))
  }
}
