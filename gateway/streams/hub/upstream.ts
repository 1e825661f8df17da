import { setMaxListeners } from 'node:events'
import { CodedError, type ErrorCode, isCodedError } from '../../../kit/errors.ts'
import type { Logger } from '../../../kit/log.ts'
import { backoffMs, pause } from './backoff.ts'
import { EventRing } from './event-ring.ts'
import type { EventSource, UnansweredEvent } from './event-source.ts'
import type { HubEvent } from './hub-event.ts'
import type { HubReader, ReaderHost, StreamPlace } from './hub-reader.ts'
import type { HubSettings } from './hub-settings.ts'
import { SourceRefused } from './source-refused.ts'

export interface UpstreamOptions {
  readonly source: EventSource
  /** What it is opened after; without a cursor it begins with what happens from then on. */
  readonly start: StreamPlace
  /** Up to here it replays, where that is known: nobody need hurry. */
  readonly replaysTo: number | null
  readonly settings: HubSettings
  readonly log: Logger
  readonly nowMs: () => number
  /** After each event that was handed to the readers. */
  readonly onEvent: (upstream: Upstream) => void
  /** It gives no more events and has no readers any more. */
  readonly onEnd: (upstream: Upstream) => void
}

/** An interruption, from the moment at which events flowed last. */
interface Trouble {
  readonly until: number
  failures: number
}

/** Events that are being answered at once; they are handed on in order. */
const answeredAtOnce = 16

/** What a subgraph says for good. Any other refusal while an upstream is opened again may pass. */
const lasting: ReadonlySet<ErrorCode> = new Set(['EVENTS_GONE', 'BAD_USER_INPUT', 'FORBIDDEN', 'UNAUTHENTICATED'])

/**
 * One stream of a subgraph for all readers of one view. It is opened again after its last event when it breaks, which
 * its readers do not notice but for the delay.
 */
export class Upstream implements ReaderHost {
  readonly #options: UpstreamOptions
  readonly #ring: EventRing
  readonly #readers = new Set<HubReader>()
  readonly #gone = new AbortController()
  /** Resolves when it is open, and rejects when it could not be opened. */
  readonly opened: Promise<void>
  #isOpen = false
  #last: StreamPlace
  #linger: NodeJS.Timeout | undefined
  #onRoom: (() => void) | undefined

  constructor(options: UpstreamOptions) {
    this.#options = options
    // Every event that is being answered listens for the end.
    setMaxListeners(0, this.#gone.signal)
    this.#last = options.start
    this.#ring = new EventRing(options.settings, options.start.position)
    const opening = options.source.open(options.start.cursor, this.#gone.signal)
    this.opened = this.#begin(opening)
    // Nobody need wait for it: that it failed is told by its end.
    this.opened.catch(() => undefined)
    this.#run(opening).catch((error: unknown) => this.#fail(error))
  }

  /** The position of its last event, or where it began; null when nobody knows. */
  get position(): number | null {
    return this.#last.position
  }

  /** Whether it began with what happened then, and nobody knows where in the log that was. */
  get isLive(): boolean {
    return this.#options.start.cursor === null
  }

  get isOver(): boolean {
    return this.#gone.signal.aborted
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.isOver
  }

  get readers(): ReadonlySet<HubReader> {
    return this.#readers
  }

  /** Whether who has everything up to a position misses nothing here. */
  covers(position: number): boolean {
    return !this.isOver && this.#ring.covers(position)
  }

  add(reader: HubReader): void {
    clearTimeout(this.#linger)
    this.#linger = undefined
    this.#readers.add(reader)
    const { seen } = reader
    reader.join(this, seen === null ? [] : this.#ring.after(seen))
    this.onRoom()
  }

  leave(reader: HubReader): void {
    if (!this.#readers.delete(reader)) return
    this.onRoom()
    this.lingerIfAlone()
  }

  /** Goes on for a while without readers. */
  lingerIfAlone(): void {
    if (this.#readers.size > 0 || this.isOver) return
    clearTimeout(this.#linger)
    this.#linger = setTimeout(() => this.close(), this.#options.settings.lingerMs).unref()
  }

  /** Hands its readers to another upstream of the same view, which has all that they have not, and closes. */
  mergeInto(other: Upstream): void {
    const readers = [...this.#readers]
    this.#readers.clear()
    for (const reader of readers) {
      reader.detach()
      other.add(reader)
    }
    this.close()
  }

  close(): void {
    if (this.isOver) return
    clearTimeout(this.#linger)
    this.#gone.abort()
    this.onRoom()
    this.#options.onEnd(this)
  }

  onRoom(): void {
    this.#onRoom?.()
  }

  async #begin(opening: Promise<unknown>): Promise<void> {
    await opening
    this.#isOpen = true
  }

  async #run(opening: Promise<AsyncIterator<UnansweredEvent, undefined>>): Promise<void> {
    const { settings, log, nowMs } = this.#options
    let feed = await opening
    let trouble: Trouble | null = null
    for (;;) {
      const [openedAt, before] = [nowMs(), this.#last]
      try {
        await this.#pump(feed)
        // One that can be gone on with has no end: it was cut off.
        if (this.#last.cursor === null) return this.#finish(null)
      } catch (error) {
        if (this.isOver) return
        if (this.#last.cursor === null) throw error
        log.warn({ err: error }, 'the stream of a subgraph was interrupted; it is opened again')
      }
      if (this.isOver) return
      const flowed = this.#last !== before || nowMs() - openedAt > settings.bridgeMs
      if (flowed || trouble === null) trouble = { until: nowMs() + settings.bridgeMs, failures: 0 }
      feed = await this.#reopen(trouble)
    }
  }

  async #reopen(trouble: Trouble): Promise<AsyncIterator<UnansweredEvent, undefined>> {
    const { source, nowMs } = this.#options
    for (;;) {
      await pause(backoffMs(trouble.failures), this.#gone.signal)
      trouble.failures += 1
      try {
        return await source.open(this.#last.cursor, this.#gone.signal)
      } catch (error) {
        const isFinal = error instanceof SourceRefused && lasting.has(error.reason.code)
        if (this.isOver || isFinal || nowMs() >= trouble.until) throw error
      }
    }
  }

  /** Reads events, answers some at a time, and hands them on in order. */
  async #pump(feed: AsyncIterator<UnansweredEvent, undefined>): Promise<void> {
    const { signal } = this.#gone
    const leave = (): void => void feed.return?.()
    signal.addEventListener('abort', leave, { once: true })
    let handed: Promise<void> = Promise.resolve()
    const failures: unknown[] = []
    const answering: Promise<void>[] = []
    try {
      while (failures.length === 0 && !signal.aborted) {
        if (answering.length >= answeredAtOnce) await answering.shift()
        await this.#room()
        const { value: answer } = await feed.next()
        if (answer === undefined) break
        const answered = answer(signal)
        handed = Promise.all([answered, handed]).then(
          ([event]) => this.#hand(event),
          (error: unknown) => {
            failures.push(error)
            leave()
          },
        )
        answering.push(handed)
      }
    } finally {
      await handed
      signal.removeEventListener('abort', leave)
      leave()
    }
    if (failures.length > 0) throw failures[0]
  }

  #hand(event: HubEvent): void {
    if (this.isOver) return
    const { position, cursor } = event
    if (position !== null && this.#last.position !== null && position <= this.#last.position) return
    this.#ring.add(event)
    if (cursor !== null) this.#last = { cursor, position }
    for (const reader of this.#readers) reader.offer(event)
    this.#options.onEvent(this)
  }

  /** While the past is replayed, waits for some reader to have room: it comes as fast as the database can read. */
  async #room(): Promise<void> {
    const { replaysTo, settings } = this.#options
    const { position } = this.#last
    if (replaysTo === null || position === null || position >= replaysTo || this.#hasRoom()) return
    await new Promise<void>((resolve) => {
      const go = (): void => {
        clearTimeout(timer)
        this.#onRoom = undefined
        resolve()
      }
      const timer = setTimeout(go, settings.patienceMs)
      this.#onRoom = () => {
        if (this.isOver || this.#hasRoom()) go()
      }
    })
  }

  #hasRoom(): boolean {
    if (this.#readers.size === 0) return true
    for (const reader of this.#readers) if (reader.hasRoom) return true
    return false
  }

  #finish(reason: CodedError | null): void {
    const readers = [...this.#readers]
    this.#readers.clear()
    this.close()
    for (const reader of readers) reader.finish(reason)
  }

  #fail(error: unknown): void {
    if (this.isOver) return
    if (!this.#isOpen) {
      // Told to who waits for `opened`.
      for (const reader of this.#readers) reader.detach()
      this.#readers.clear()
      return this.close()
    }
    this.#options.log.warn({ err: error, readers: this.#readers.size }, 'the stream of a subgraph ended')
    this.#finish(error instanceof SourceRefused ? error.reason : codedFailure(error))
  }
}

function codedFailure(error: unknown): CodedError {
  if (isCodedError(error) && error.code !== 'INTERNAL') return error
  const coded = new CodedError('INTERNAL', 'The stream was interrupted; subscribe again.')
  coded.cause = error
  return coded
}
