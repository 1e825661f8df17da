import { CodedError } from './errors.ts'
import type { EventCursors } from './event-cursor.ts'
import { type EventFeed, type EventReader, EventsGoneError, type FeedTypes, UnknownPositionError } from './events.ts'

/** What every subscription to events takes besides its own filter. */
export interface StreamArguments {
  /** The cursor of the last event that the reader has; live from now on without it. */
  readonly after?: string | null
}

/** Committed events of these types after a reader's cursor and then live, or live only. */
export async function openEventFeed(
  { events, cursors }: { readonly events: EventReader; readonly cursors: EventCursors },
  { after }: StreamArguments,
  types: readonly string[] | FeedTypes,
): Promise<EventFeed> {
  if (after == null) return events.subscribe(types)
  const position = cursors.decode(after)
  if (position === null) throw foreignCursor()
  try {
    return await events.follow(position, types)
  } catch (error) {
    throw cursorRefusal(error, cursors)
  }
}

/** What a reader is told whose cursor cannot be gone on from; any other error as it is. */
export function cursorRefusal(error: unknown, cursors: EventCursors): unknown {
  if (error instanceof UnknownPositionError) return foreignCursor()
  if (!(error instanceof EventsGoneError)) return error
  return new CodedError('EVENTS_GONE', 'Some events after this cursor are no longer kept.', {
    argument: 'after',
    oldest: cursors.encode(error.oldest - 1),
    resynchronize:
      'Read `eventLog { newest }`, then what you keep of the graph, then events after that cursor. Or go on after `oldest` and do without what is gone.',
  })
}

/** The refusal of a text that is no cursor of this event log. */
export function foreignCursor(): CodedError {
  const message = '`after` is no cursor of this event log; read `eventLog { oldest newest }`.'
  return new CodedError('BAD_USER_INPUT', message, { argument: 'after' })
}
