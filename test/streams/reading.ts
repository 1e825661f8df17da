import type { CodedError } from '../../kit/errors.ts'
import type { OpenStream, StreamReader } from '../../gateway/streams/stream-reader.ts'

export interface ReadEvent {
  readonly position: number
  readonly subject: string
  readonly value: number
  readonly skipped: number
}

/** A front of a test: takes so many events at once as it is told to. */
export class Reading {
  readonly events: ReadEvent[] = []
  readonly bodies: string[] = []
  /** Undefined while it is open. */
  reason: CodedError | null | undefined
  /** Events that it takes before it must be drained; none while it is stalled. */
  #credit: number
  readonly #reader: StreamReader

  constructor(stream: OpenStream, credit = Number.POSITIVE_INFINITY) {
    this.#credit = credit
    this.#reader = stream.read({
      send: ({ body }) => {
        this.bodies.push(body)
        const { data, extensions } = JSON.parse(body) as {
          data: { changed: Omit<ReadEvent, 'skipped'> }
          extensions?: { gap: { skipped: number } }
        }
        this.events.push({ ...data.changed, skipped: extensions?.gap.skipped ?? 0 })
        this.#credit -= 1
        return this.#credit > 0
      },
      end: (reason) => {
        this.reason = reason
      },
    })
  }

  get positions(): number[] {
    return this.events.map(({ position }) => position)
  }

  /** Takes more. */
  take(credit: number): void {
    this.#credit = credit
    this.#reader.drained()
  }

  close(): void {
    this.#reader.close()
  }
}
