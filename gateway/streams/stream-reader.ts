import type { CodedError } from '../../kit/errors.ts'

/** A GraphQL response as JSON text, ready to be framed. */
export interface PrintedAnswer {
  readonly body: string
}

/**
 * One event of a stream. All readers of one view are sent the same object, so that a front may keep its frame in a
 * WeakMap by it; only the first event after a gap is a reader's own, because its `extensions.gap` says what was left out.
 */
export interface StreamEvent extends PrintedAnswer {
  /** Where a reader goes on that has this event; null for streams that cannot be resumed. */
  readonly cursor: string | null
}

/** A front's side of one open stream: how the client is told. */
export interface StreamSink {
  /**
   * Writes an event. False when the client must be waited for: then nothing more is sent until `drained`, and the hub
   * keeps what comes, within the reader's bounds.
   */
  send(event: StreamEvent): boolean
  /**
   * The last call, exactly once, also within a call of the reader: null when the stream is complete. A reason's
   * `extensions.cursor` is the cursor of the last event that was sent, where there is one; `retryAfter` is in seconds.
   */
  end(reason: CodedError | null): void
}

/** The hub's side of one open stream that is being read. */
export interface StreamReader {
  /** The client takes more. What waits is sent within this call, until `send` answers false again. */
  drained(): void
  /** The client is gone, or has completed. `end` is not called any more. */
  close(): void
}

/** A subscription that was accepted and paid for. Events are kept from now on, within bounds, until it is read. */
export interface OpenStream {
  /** Begins to send, at most once; `send` and `end` may be called before this returns. */
  read(sink: StreamSink): StreamReader
  /** Lets go of a stream that is not read. */
  close(): void
}

/** Whether an operation was answered by a stream or by one answer. */
export function isStream(result: PrintedAnswer | OpenStream): result is OpenStream {
  return !('body' in result)
}
