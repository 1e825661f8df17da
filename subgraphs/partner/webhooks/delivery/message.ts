import { toCloudEvent } from '../../../../kit/cloud-event.ts'
import type { EventCursors } from '../../../../kit/event-cursor.ts'
import type { ReadableEvent } from './evaluate-selection.ts'

/** What a selection has answered for an event, as it is sent along. */
export interface SelectionAnswer {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly code: string }[]
  /** Set where there is an answer that is not sent: the receiver asks the graph itself. */
  readonly omitted?: 'TOO_LARGE'
}

/** A body is smaller than 20 kB. */
const mostBytes = 20_000

/** The body of a message: the event as a CloudEvent with its cursor and, in `data.graph`, what the selection has answered. */
export function messageBody(event: ReadableEvent, cursors: EventCursors, graph: SelectionAnswer | null): string {
  const envelope = { ...toCloudEvent({ ...event, data: {} }), cursor: cursors.encode(event.position), data: event.data }
  if (graph === null) return JSON.stringify(envelope)
  const whole = JSON.stringify({ ...envelope, data: { ...event.data, graph } })
  if (Buffer.byteLength(whole) < mostBytes) return whole
  return JSON.stringify({ ...envelope, data: { ...event.data, graph: { omitted: 'TOO_LARGE' } } })
}
