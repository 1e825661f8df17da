import type { HubEvent } from './hub-event.ts'

/** What a reader does with events that come faster than it takes them. */
export type StreamMode = 'EVERY' | 'LATEST'

export interface WaitingBounds {
  readonly readerEvents: number
  readonly readerCharacters: number
}

/** Events that wait for one reader, in order. */
export interface WaitingEvents {
  readonly size: number
  /** Whether there is plenty of room, so that a replay may go on. */
  readonly hasRoom: boolean
  /** Adds an event. False when there is no room for it. */
  add(event: HubEvent): boolean
  /** The next event, and how many were left out since the one before it. */
  take(): { readonly event: HubEvent; readonly skipped: number } | undefined
  clear(): void
}

export function createWaitingEvents(mode: StreamMode, bounds: WaitingBounds): WaitingEvents {
  return mode === 'EVERY' ? new EveryEvent(bounds) : new LatestEvents(bounds)
}

/** All events. A replay out of memory may exceed the bounds: what is in the ring is kept anyway. */
class EveryEvent implements WaitingEvents {
  readonly #bounds: WaitingBounds
  #events: HubEvent[] = []
  #first = 0
  #characters = 0

  constructor(bounds: WaitingBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#events.length - this.#first
  }

  get hasRoom(): boolean {
    return this.size * 2 <= this.#bounds.readerEvents && this.#characters * 2 <= this.#bounds.readerCharacters
  }

  add(event: HubEvent): boolean {
    const { readerEvents, readerCharacters } = this.#bounds
    if (this.size >= readerEvents || (this.size > 0 && this.#characters + event.body.length > readerCharacters)) {
      return false
    }
    this.#events.push(event)
    this.#characters += event.body.length
    return true
  }

  take(): { readonly event: HubEvent; readonly skipped: number } | undefined {
    const event = this.#events[this.#first]
    if (event === undefined) return undefined
    this.#first += 1
    this.#characters -= event.body.length
    // Copied now and then: shifting each time would copy all each time.
    if (this.#first > 64 && this.#first * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#first)
      this.#first = 0
    }
    return { event, skipped: 0 }
  }

  clear(): void {
    this.#events = []
    this.#first = 0
    this.#characters = 0
  }
}

/** The newest event of each subject, in the order of their last change. Events without a subject all stay. */
class LatestEvents implements WaitingEvents {
  readonly #bounds: WaitingBounds
  readonly #events = new Map<string | HubEvent, HubEvent>()
  #characters = 0
  #skipped = 0

  constructor(bounds: WaitingBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#events.size
  }

  get hasRoom(): boolean {
    return this.size * 2 <= this.#bounds.readerEvents && this.#characters * 2 <= this.#bounds.readerCharacters
  }

  add(event: HubEvent): boolean {
    const key = event.subject ?? event
    const before = this.#events.get(key)
    if (before !== undefined) {
      this.#events.delete(key)
      this.#characters -= before.body.length
      this.#skipped += 1
    }
    const { readerEvents, readerCharacters } = this.#bounds
    if (this.size >= readerEvents || (this.size > 0 && this.#characters + event.body.length > readerCharacters)) {
      return false
    }
    this.#events.set(key, event)
    this.#characters += event.body.length
    return true
  }

  take(): { readonly event: HubEvent; readonly skipped: number } | undefined {
    for (const [key, event] of this.#events) {
      this.#events.delete(key)
      this.#characters -= event.body.length
      const skipped = this.#skipped
      this.#skipped = 0
      return { event, skipped }
    }
    return undefined
  }

  clear(): void {
    this.#events.clear()
    this.#characters = 0
    this.#skipped = 0
  }
}
