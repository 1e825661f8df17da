import type { StreamEvent } from '../stream-reader.ts'

/** What an event is about, and where it stands in its stream. */
export interface EventPlace {
  readonly cursor: string | null
  /** Grows along a stream, and says of two cursors which is later; null where cursors say nothing of it. */
  readonly position: number | null
  /** What the event is about: of two events with one subject the later stands for both. */
  readonly subject: string | null
}

/** One event of one view, printed once for all of its readers. */
export class HubEvent implements StreamEvent {
  readonly body: string
  readonly cursor: string | null
  readonly position: number | null
  readonly subject: string | null
  /** What each reader pays who gets it. */
  readonly points: number

  /** The body must have no extensions of its own: `afterGap` adds them. */
  constructor(body: string, { cursor, position, subject }: EventPlace, points: number) {
    this.body = body
    this.cursor = cursor
    this.position = position
    this.subject = subject
    this.points = points
  }

  /** The same event for the one reader for whom others were left out before it. */
  afterGap(skipped: number): StreamEvent {
    const body = `${this.body.slice(0, -1)},"extensions":{"gap":{"skipped":${skipped}}}}`
    return { body, cursor: this.cursor }
  }
}
