import { createEventBytes } from './event-bytes.ts'
import type { StreamDialect } from './http-stream.ts'

const comment = Buffer.from(':\n\n')

/**
 * GraphQL over SSE, distinct connections mode: `next` per result, `complete` at the end. An event's id is its cursor, so
 * that clients that reconnect by themselves say where they go on.
 */
export const eventStreamDialect: StreamDialect = {
  contentType: 'text/event-stream; charset=utf-8',
  opening: comment,
  heartbeat: comment,
  bytesOf: createEventBytes(({ cursor, body }) =>
    Buffer.from(`${cursor === null ? '' : `id: ${cursor}\n`}event: next\ndata: ${body}\n\n`),
  ),
  answer: ({ body }) => `event: next\ndata: ${body}\n\n`,
  ending(reason) {
    if (reason === null) return complete
    const { retryAfter } = reason.extensions
    const retry = typeof retryAfter === 'number' ? `retry: ${Math.ceil(retryAfter * 1_000)}\n` : ''
    return `${retry}event: next\ndata: ${JSON.stringify({ errors: [reason] })}\n\n${complete}`
  },
}

/** With data, though it has none: browsers would else not dispatch it. */
const complete = 'event: complete\ndata:\n\n'
