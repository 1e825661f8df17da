import type { HubEvent } from './hub-event.ts'

/** An event as it came from its subgraph; called once, it is answered with the fields of others and printed. */
export type UnansweredEvent = (signal: AbortSignal) => Promise<HubEvent>

/** Where the events of one view come from. */
export interface EventSource {
  /**
   * Opens the stream: with what comes after a cursor, or with what happens from now on. Resolves when nothing more can
   * be missed. Throws SourceRefused when it will not be opened, anything else when it cannot be at the moment.
   */
  open(after: string | null, signal: AbortSignal): Promise<AsyncIterator<UnansweredEvent, undefined>>
}
