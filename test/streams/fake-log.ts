import type { EventSource, UnansweredEvent } from '../../gateway/streams/hub/event-source.ts'
import { HubEvent } from '../../gateway/streams/hub/hub-event.ts'
import { SourceRefused } from '../../gateway/streams/hub/source-refused.ts'
import { CodedError } from '../../kit/errors.ts'

export const cursorOf = (position: number): string => `c${position}`

export interface FakeEvent {
  readonly position: number
  readonly subject: string
  readonly value: number
}

/** A log that events are put into while sources read it: replay, then live, as subgraphs have it. */
export class FakeLog {
  readonly events: FakeEvent[] = []
  /** How often a source was opened, and with what. */
  readonly opened: (string | null)[] = []
  /** Positions at or below this are gone. */
  goneUpTo = 0
  /** Whether sources can be opened now. */
  reachable = true
  readonly #feeds = new Set<{ wake(): void; fail(): void }>()

  get newest(): number {
    return this.events.length
  }

  get openFeeds(): number {
    return this.#feeds.size
  }

  commit(subject: string, value = this.newest + 1): void {
    this.events.push({ position: this.newest + 1, subject, value })
    for (const feed of this.#feeds) feed.wake()
  }

  /** Cuts every source off, as a subgraph that is killed does. */
  cut(): void {
    for (const feed of this.#feeds) feed.fail()
  }

  readonly source: EventSource = {
    open: async (after) => {
      this.opened.push(after)
      if (!this.reachable) throw new CodedError('SUBGRAPH_UNAVAILABLE', 'away')
      const from = after === null ? this.newest : Number(after.slice(1))
      if (from < this.goneUpTo) {
        const gone = new CodedError('EVENTS_GONE', 'gone', { oldest: cursorOf(this.goneUpTo) })
        throw new SourceRefused(gone, { errors: [gone] })
      }
      return this.#feed(from)
    },
  }

  #feed(from: number): AsyncIterator<UnansweredEvent, undefined> {
    let at = from
    let failed = false
    let closed = false
    let wake: (() => void) | undefined
    const feed = {
      wake: () => wake?.(),
      fail: () => {
        failed = true
        this.#feeds.delete(feed)
        wake?.()
      },
    }
    this.#feeds.add(feed)
    return {
      next: async () => {
        for (;;) {
          if (closed) return { done: true, value: undefined }
          if (failed) throw new Error('cut off')
          const event = this.events[at]
          if (event !== undefined) {
            at += 1
            return { done: false, value: () => answered(event) }
          }
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      },
      return: () => {
        closed = true
        this.#feeds.delete(feed)
        wake?.()
        return Promise.resolve({ done: true, value: undefined })
      },
    }
  }
}

/** Later events may be answered earlier: readers must not notice. */
async function answered({ position, subject, value }: FakeEvent): Promise<HubEvent> {
  if (position % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
  const body = JSON.stringify({ data: { changed: { position, subject, value } } })
  return new HubEvent(body, { cursor: cursorOf(position), position, subject }, 2)
}
