import { createQueue } from '../kit/event-queue.ts'
import type { DomainEvent, EventFeed, EventPage, FeedTypes } from '../kit/events.ts'
import type { LiveEvents } from './live-events.ts'

/** Events that one subscriber may have waiting before it is closed as too slow. */
const queueLimit = 1_000
/** Events that are read at once while a reader catches up. */
export const followPageSize = 500

const done = { done: true, value: undefined } as const

/** Events of some types from now on. */
export function listenTo(live: LiveEvents, wanted: readonly string[] | FeedTypes): EventFeed {
  const isWanted = 'types' in wanted ? ofFeed(wanted) : ofTypes(wanted)
  const queue = createQueue<DomainEvent>({ limit: queueLimit, onEnd: () => stop() })
  const stop = live.listen({
    onEvent: (event) => {
      if (isWanted(event)) queue.push(event)
    },
    onEnd: (error) => queue.fail(error),
  })
  return queue.iterator
}

function ofTypes(types: readonly string[]): (event: DomainEvent) => boolean {
  const wanted = new Set(types)
  return ({ type }) => wanted.has(type)
}

function ofFeed({ types, declarations }: FeedTypes): (event: DomainEvent) => boolean {
  const isOwn = ofTypes(types)
  const declared = new Set(declarations === 'any' ? [] : declarations)
  return (event) =>
    event.declaration === undefined ? isOwn(event) : declarations === 'any' || declared.has(event.declaration)
}

/**
 * Events of some types after a position: read from the log page by page while the reader asks, so that a long past
 * fills no memory, and live once it has come up to where the live stream is.
 */
export function followLog(
  live: LiveEvents,
  first: EventPage,
  {
    types,
    read,
  }: { readonly types: readonly string[] | FeedTypes; readonly read: (after: number) => Promise<EventPage> },
): EventFeed {
  const past: DomainEvent[] = []
  let upTo = 0
  let feed: EventFeed | undefined
  let closed = false

  const take = (page: EventPage): void => {
    past.push(...page.events)
    upTo = page.upTo
    // In one step with the comparison: all up to here was read, and all behind the head will be told.
    if (upTo >= live.head() && !closed) feed = listenTo(live, types)
  }
  take(first)

  const close = async (): Promise<void> => {
    closed = true
    past.length = 0
    await feed?.return?.()
  }
  return {
    async next() {
      for (;;) {
        const event = past.shift()
        if (event !== undefined) return { done: false, value: event }
        if (closed) return done
        if (feed === undefined) {
          take(await read(upTo))
          continue
        }
        const result = await feed.next()
        if (result.done || result.value.position > upTo) return result
      }
    },
    async return() {
      await close()
      return done
    },
    async throw(error: unknown) {
      await close()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
