import type { ServerResponse } from 'node:http'
import type { CodedError } from '../../kit/errors.ts'
import type { EventBytes } from './event-bytes.ts'
import type { Heartbeats } from './heartbeats.ts'
import { Outlet, type WriteTurns } from './outlet.ts'
import type { OpenStream, PrintedAnswer, StreamReader } from './stream-reader.ts'

/** How a protocol over HTTP writes streams. */
export interface StreamDialect {
  readonly contentType: string
  /** Sent at once, so that the client knows that what happens from now on will be delivered. */
  readonly opening: Uint8Array
  readonly heartbeat: Uint8Array
  readonly bytesOf: EventBytes
  /** The end of a stream: complete, or for a reason that is told. */
  ending(reason: CodedError | null): string
  /** A stream of one answer, but for its ending. */
  answer(answer: PrintedAnswer): string
}

export interface HttpStreamOptions {
  readonly dialect: StreamDialect
  readonly turns: WriteTurns
  readonly heartbeats: Heartbeats
  /** Besides those of the dialect. */
  readonly headers: readonly string[]
}

/** Heartbeats after which a client that has taken nothing of what waits for it is taken for dead: a minute. */
const patience = 5

/** Sends one stream as the body of a response, until either side ends it. */
export class HttpStream {
  readonly #response: ServerResponse
  readonly #options: HttpStreamOptions
  readonly #outlet: Outlet
  readonly #stopBeating: () => void
  readonly #onClosed: (stream: HttpStream) => void
  #reader: StreamReader | null = null
  #cursor: string | null = null
  #ended = false
  #takenAtLastBeat = -1
  #missed = 0

  /** Nothing of the response may have been sent. `onClosed` is called when it is over. */
  constructor(response: ServerResponse, options: HttpStreamOptions, onClosed: (stream: HttpStream) => void) {
    const { dialect, turns, heartbeats, headers } = options
    this.#response = response
    this.#options = options
    this.#onClosed = onClosed
    response.writeHead(200, [
      'content-type',
      dialect.contentType,
      'cache-control',
      'no-store',
      // Tells nginx and its kind not to hold events back.
      'x-accel-buffering',
      'no',
      ...headers,
    ])
    response.write(dialect.opening)
    this.#outlet = new Outlet(response, turns, () => this.#reader?.drained())
    this.#stopBeating = heartbeats.add(this)
    response.once('close', () => this.#closed())
  }

  /** Sends all that comes of a stream. */
  follow(stream: OpenStream): void {
    // Who left while the stream was being opened gets no further event of it.
    if (this.#response.destroyed) return stream.close()
    const { bytesOf } = this.#options.dialect
    const reader = stream.read({
      send: (event) => {
        this.#cursor = event.cursor
        return this.#outlet.write(bytesOf(event))
      },
      end: (reason) => this.#end(reason),
    })
    if (!this.#ended) this.#reader = reader
  }

  /** Sends one answer as a stream. */
  answer(answer: PrintedAnswer): void {
    this.#outlet.write(Buffer.from(this.#options.dialect.answer(answer)))
    this.#end(null)
  }

  /** Tells the client why it must go, and the cursor of the last event that it was sent. */
  leave(reasonAt: (cursor: string | null) => CodedError): void {
    if (this.#ended) return
    this.#reader?.close()
    this.#end(reasonAt(this.#cursor))
  }

  /** Gives up what the client has not taken. */
  abandon(): void {
    this.#response.destroy()
  }

  beat(): void {
    const waiting = this.#outlet.waiting
    const taken = (this.#response.socket?.bytesWritten ?? 0) - this.#response.writableLength
    this.#missed = waiting > 0 && taken === this.#takenAtLastBeat ? this.#missed + 1 : 0
    this.#takenAtLastBeat = taken
    if (this.#missed >= patience) this.#response.destroy()
    else if (waiting === 0 && !this.#ended) this.#outlet.write(this.#options.dialect.heartbeat)
  }

  #end(reason: CodedError | null): void {
    if (this.#ended) return
    this.#ended = true
    this.#reader = null
    this.#outlet.flush()
    this.#response.end(this.#options.dialect.ending(reason))
  }

  #closed(): void {
    this.#stopBeating()
    this.#ended = true
    this.#reader?.close()
    this.#reader = null
    this.#onClosed(this)
  }
}
