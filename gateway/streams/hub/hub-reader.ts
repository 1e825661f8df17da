import { CodedError } from '../../../kit/errors.ts'
import type { OpenStream, StreamReader, StreamSink } from '../stream-reader.ts'
import type { HubEvent } from './hub-event.ts'
import type { WaitingEvents } from './waiting-events.ts'

/** What delivered events are counted on. */
export interface EventBill {
  events: number
  points: number
}

/** A place in a stream, as a cursor and as what orders cursors. */
export interface StreamPlace {
  readonly cursor: string | null
  readonly position: number | null
}

/** What a reader belongs to, while it does. */
export interface ReaderHost {
  /** The reader has taken something. */
  onRoom(): void
  leave(reader: HubReader): void
}

/**
 * One reader of a view: what it has not taken yet waits here, within bounds. It knows what it has, so that it may be
 * handed from one upstream to another and gets each event once.
 */
export class HubReader implements OpenStream {
  readonly #waiting: WaitingEvents
  readonly #onEnd: () => void
  #bill: EventBill
  #host: ReaderHost | null = null
  #sink: StreamSink | null = null
  #ready = false
  #over = false
  /** What the sink is told when it comes, or when all that waits is sent; undefined while nothing ends the stream. */
  #reason: CodedError | null | undefined
  /** Sent before what waits: events of a ring that were there when the reader joined. */
  #backlog: readonly HubEvent[] = []
  #backlogAt = 0
  /** Of the last event that was sent, and at first where the reader began. */
  #sent: StreamPlace
  /** The position of the last event that was sent or waits. */
  #seen: number | null

  constructor(options: {
    readonly waiting: WaitingEvents
    readonly start: StreamPlace
    readonly bill: EventBill
    /** Called once, however the reader ends. */
    readonly onEnd: () => void
  }) {
    this.#waiting = options.waiting
    this.#onEnd = options.onEnd
    this.#bill = options.bill
    this.#sent = options.start
    this.#seen = options.start.position
  }

  /** Where it would go on: behind the last event that was sent. */
  get sent(): StreamPlace {
    return this.#sent
  }

  get seen(): number | null {
    return this.#seen
  }

  get bill(): EventBill {
    return this.#bill
  }

  get isOver(): boolean {
    return this.#over
  }

  get hasRoom(): boolean {
    return this.#backlogAt >= this.#backlog.length && this.#waiting.hasRoom
  }

  /** Belongs to a host from now on, which first gives what it kept since. */
  join(host: ReaderHost, kept: readonly HubEvent[]): void {
    this.#host = host
    const last = kept.at(-1)
    if (last === undefined) return
    if (this.#waiting.size > 0) {
      for (const event of kept) this.offer(event)
      return
    }
    this.#backlog = [...this.#backlog.slice(this.#backlogAt), ...kept]
    this.#backlogAt = 0
    this.#seen = last.position
    this.#flush()
  }

  /** Leaves its host to go on elsewhere, for another bill: what waits is dropped, because it will come again. */
  rewind(bill: EventBill): void {
    this.#leaveHost()
    this.#waiting.clear()
    this.#backlog = []
    this.#backlogAt = 0
    this.#seen = this.#sent.position
    this.#bill = bill
  }

  /** Leaves its host for another of the same view: what waits stays. */
  detach(): void {
    this.#host = null
  }

  /** Takes an event, once and in order. */
  offer(event: HubEvent): void {
    if (this.#over || this.#reason !== undefined) return
    if (event.position !== null) {
      if (this.#seen !== null && event.position <= this.#seen) return
      this.#seen = event.position
    }
    if (this.#ready && this.#backlogAt >= this.#backlog.length && this.#waiting.size === 0) this.#send(event, 0)
    else if (!this.#waiting.add(event)) this.end(tooSlow())
  }

  /** Ends the stream now. What waits is dropped: the reader goes on after the cursor that it is told. */
  end(reason: CodedError | null): void {
    if (this.#over) return
    this.#waiting.clear()
    this.#backlog = []
    this.#backlogAt = 0
    this.#reason = reason
    this.#release()
    this.#tell()
  }

  /** Ends the stream when all that waits is sent. */
  finish(reason: CodedError | null): void {
    if (this.#over || this.#reason !== undefined) return
    this.#reason = reason
    this.#leaveHost()
    this.#flush()
  }

  read(sink: StreamSink): StreamReader {
    this.#sink = sink
    this.#ready = true
    if (this.#over) this.#tell()
    else this.#flush()
    return {
      drained: () => {
        if (this.#over) return
        this.#ready = true
        this.#flush()
        this.#host?.onRoom()
      },
      close: () => this.close(),
    }
  }

  close(): void {
    this.#sink = null
    this.#reason ??= null
    this.#waiting.clear()
    this.#backlog = []
    this.#release()
  }

  #flush(): void {
    while (this.#ready && !this.#over) {
      const event = this.#backlog[this.#backlogAt]
      if (event !== undefined) {
        this.#backlogAt += 1
        this.#send(event, 0)
        continue
      }
      this.#backlog = []
      this.#backlogAt = 0
      const next = this.#waiting.take()
      if (next === undefined) break
      this.#send(next.event, next.skipped)
    }
    const allSent = this.#backlogAt >= this.#backlog.length && this.#waiting.size === 0
    if (this.#reason !== undefined && allSent && this.#sink !== null && !this.#over) {
      this.#release()
      this.#tell()
    }
  }

  #send(event: HubEvent, skipped: number): void {
    const sink = this.#sink
    if (sink === null) return
    this.#bill.events += 1
    this.#bill.points += event.points
    if (event.cursor !== null) this.#sent = event
    // Before the sink is called: it may close the reader, or say at once that it is drained.
    this.#ready = false
    if (sink.send(skipped === 0 ? event : event.afterGap(skipped))) this.#ready = true
  }

  /** Tells the sink, once it is there, why the stream has ended. */
  #tell(): void {
    const sink = this.#sink
    if (sink === null || this.#reason === undefined) return
    this.#sink = null
    sink.end(this.#reason && withCursor(this.#reason, this.#sent.cursor))
  }

  #leaveHost(): void {
    const host = this.#host
    this.#host = null
    host?.leave(this)
  }

  #release(): void {
    this.#leaveHost()
    if (this.#over) return
    this.#over = true
    this.#onEnd()
  }
}

function tooSlow(): CodedError {
  return new CodedError(
    'READER_TOO_SLOW',
    'The stream was closed because events were not read fast enough; go on after `cursor`, or with mode LATEST.',
  )
}

function withCursor(reason: CodedError, cursor: string | null): CodedError {
  if (cursor === null) return reason
  const { code: _code, ...details } = reason.extensions
  const told = new CodedError(reason.code, reason.message, { ...details, cursor }, reason.path)
  told.cause = reason.cause
  return told
}
