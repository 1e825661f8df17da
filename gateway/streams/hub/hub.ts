import type { CodedError } from '../../../kit/errors.ts'
import type { Logger } from '../../../kit/log.ts'
import type { EventSource } from './event-source.ts'
import { type EventBill, HubReader, type StreamPlace } from './hub-reader.ts'
import type { HubSettings } from './hub-settings.ts'
import { Upstream } from './upstream.ts'
import { type StreamMode, createWaitingEvents } from './waiting-events.ts'

/** What a reader wants to read. */
export interface StreamWish {
  /** Equal for all who would be told the same, so that one upstream serves them. */
  readonly key: string
  readonly source: EventSource
  /**
   * What the reader has: its cursor, or where the log stands as it joins. Without a cursor it gets what happens from
   * now on; a cursor without a position is the subgraph's to understand, and such a reader gets an upstream of its own.
   */
  readonly start: StreamPlace
  /** Where the log stands, if that is known: up to there a new upstream replays. */
  readonly newest: number | null
  readonly bill: EventBill
}

export interface Hub {
  /** Throws what the source throws when it cannot be opened. */
  join(wish: StreamWish, reader: { readonly mode: StreamMode; readonly onEnd: () => void }): Promise<HubReader>
  /** Hands a reader to another view, after the last event that it was sent. Ends it when that cannot be opened. */
  move(reader: HubReader, wish: Omit<StreamWish, 'start'>): Promise<void>
  /** Upstreams that are open. */
  readonly size: number
  /** Ends every reader, after which nobody can join. */
  close(reason: CodedError): void
}

/** Upstreams by what they tell, and the readers that share them. */
export function createHub(options: {
  readonly settings: HubSettings
  readonly log: Logger
  readonly nowMs: () => number
}): Hub {
  const { settings, log, nowMs } = options
  const groups = new Map<string, Set<Upstream>>()
  let closed: CodedError | null = null
  let alone = 0

  const forget = (key: string, upstream: Upstream): void => {
    const group = groups.get(key)
    if (group?.delete(upstream) && group.size === 0) groups.delete(key)
  }
  const open = (key: string, { source, start, newest }: StreamWish): Upstream => {
    const upstream = new Upstream({
      source,
      start,
      replaysTo: newest,
      settings,
      log,
      nowMs,
      onEvent: () => {
        const group = groups.get(key)
        if (group !== undefined && group.size > 1) mergeWhatMeets(group)
      },
      onEnd: (ended) => forget(key, ended),
    })
    const group = groups.get(key)
    if (group === undefined) groups.set(key, new Set([upstream]))
    else group.add(upstream)
    return upstream
  }
  /** An upstream on which a reader that begins here misses nothing; one that is open, or that is being opened. */
  const find = (key: string, { cursor, position }: StreamPlace): Upstream | undefined => {
    for (const upstream of groups.get(key) ?? []) {
      if (upstream.isOver) continue
      if (position === null ? cursor === null && upstream.isLive : upstream.covers(position)) return upstream
    }
    return undefined
  }
  const upstreamFor = (wish: StreamWish): Upstream => {
    const { cursor, position } = wish.start
    if (cursor !== null && position === null) return open(`${wish.key}\n${(alone += 1)}`, wish)
    return find(wish.key, wish.start) ?? open(wish.key, wish)
  }
  const enter = async (wish: StreamWish, reader: HubReader): Promise<void> => {
    if (closed) return reader.end(closed)
    const upstream = upstreamFor(wish)
    upstream.add(reader)
    await upstream.opened
  }

  return {
    async join(wish, { mode, onEnd }) {
      const waiting = createWaitingEvents(mode, settings)
      const reader = new HubReader({ waiting, start: wish.start, bill: wish.bill, onEnd })
      await enter(wish, reader)
      return reader
    },
    async move(reader, wish) {
      if (reader.isOver) return
      reader.rewind(wish.bill)
      await enter({ ...wish, start: reader.sent }, reader)
    },
    get size() {
      let size = 0
      for (const group of groups.values()) size += group.size
      return size
    },
    close(reason) {
      closed = reason
      for (const group of groups.values()) {
        for (const upstream of group) {
          for (const reader of upstream.readers) reader.end(reason)
          upstream.close()
        }
      }
    },
  }
}

/** Of two upstreams that tell the same one is enough, as soon as either has what the other's readers still need. */
function mergeWhatMeets(group: ReadonlySet<Upstream>): void {
  for (const behind of group) {
    for (const ahead of group) {
      if (behind === ahead || !behind.isOpen || !ahead.isOpen) continue
      const [from, to] = [behind.position, ahead.position]
      if (from !== null && to !== null && from <= to && ahead.covers(from)) behind.mergeInto(ahead)
    }
  }
}
