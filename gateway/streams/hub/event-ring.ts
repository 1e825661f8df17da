import type { HubEvent } from './hub-event.ts'

/** The last events of an upstream, within bounds, for readers that join after one of them. */
export class EventRing {
  readonly #bounds: { readonly ringEvents: number; readonly ringCharacters: number }
  #events: HubEvent[] = []
  #first = 0
  #characters = 0
  #coversFrom: number | null

  /** `start` is the position that the upstream was opened after; null when nobody knows it. */
  constructor(bounds: { readonly ringEvents: number; readonly ringCharacters: number }, start: number | null) {
    this.#bounds = bounds
    this.#coversFrom = start
  }

  /** The lowest position after which every event is here or still to come; null while none is known. */
  get coversFrom(): number | null {
    return this.#coversFrom
  }

  covers(position: number): boolean {
    return this.#coversFrom !== null && position >= this.#coversFrom
  }

  add(event: HubEvent): void {
    if (event.position === null) return
    // Opened with what came from then on: of what was before its first event nobody knows.
    this.#coversFrom ??= event.position - 1
    this.#events.push(event)
    this.#characters += event.body.length
    const { ringEvents, ringCharacters } = this.#bounds
    while (this.#events.length - this.#first > ringEvents || this.#characters > ringCharacters) this.#forgetOldest()
    if (this.#first > 64 && this.#first * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#first)
      this.#first = 0
    }
  }

  /** The events after a position, oldest first. */
  after(position: number): HubEvent[] {
    let low = this.#first
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#events[middle]?.position ?? 0) > position) high = middle
      else low = middle + 1
    }
    return this.#events.slice(low)
  }

  #forgetOldest(): void {
    const oldest = this.#events[this.#first]
    if (oldest === undefined) return
    this.#first += 1
    this.#characters -= oldest.body.length
    this.#coversFrom = oldest.position
  }
}
