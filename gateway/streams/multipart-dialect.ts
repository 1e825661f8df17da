import { createEventBytes } from './event-bytes.ts'
import type { StreamDialect } from './http-stream.ts'

/** A part is read when the boundary after it has come, so each ends with it. */
const boundary = '\r\n--graphql'
const part = (body: string): string => `\r\ncontent-type: application/json\r\n\r\n${body}${boundary}`

/**
 * Multipart HTTP subscriptions as Apollo Client and Apollo Router speak them: each result is the `payload` of a part, an
 * empty object is a heartbeat, and `errors` beside a payload of null say why the stream has ended.
 */
export const multipartDialect: StreamDialect = {
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
  opening: Buffer.from(boundary + part('{}')),
  heartbeat: Buffer.from(part('{}')),
  bytesOf: createEventBytes(({ body }) => Buffer.from(part(`{"payload":${body}}`))),
  answer: ({ body }) => part(`{"payload":${body}}`),
  ending: (reason) => `${reason ? part(JSON.stringify({ payload: null, errors: [reason] })) : ''}--\r\n`,
}
