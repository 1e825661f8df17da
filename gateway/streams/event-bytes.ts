import type { StreamEvent } from './stream-reader.ts'

/** The bytes of an event in the form of one protocol. */
export type EventBytes = (event: StreamEvent) => Uint8Array

/** Encodes each event once for all of its readers; the bytes are kept for as long as the event is. */
export function createEventBytes(encode: (event: StreamEvent) => Uint8Array): EventBytes {
  const known = new WeakMap<StreamEvent, Uint8Array>()
  // Nearly always the event before is asked for again, by its next reader.
  let last: { readonly event: StreamEvent; readonly bytes: Uint8Array } | undefined
  return (event) => {
    if (last?.event === event) return last.bytes
    let bytes = known.get(event)
    if (bytes === undefined) {
      bytes = encode(event)
      known.set(event, bytes)
    }
    last = { event, bytes }
    return bytes
  }
}
