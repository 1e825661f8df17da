import type { ServerResponse } from 'node:http'
import { compress, encodingFor } from './compression.ts'

/** What is sent: names and values of headers in turn, without those that follow from the body. */
export interface Sent {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: string
}

/** Who has taken nothing of an answer for so long is taken for dead. */
const stalledMs = 60_000
/** Characters from which an answer is sent as bytes. */
const largeBody = 16 * 1024

/**
 * Sends an answer whole, compressed where that is worth it. Head and body leave in one piece, which is why headers are
 * written at once and never set before.
 */
export async function sendAnswer(
  response: ServerResponse,
  { status, headers, body }: Sent,
  acceptEncoding: string | undefined,
): Promise<void> {
  const encoding = encodingFor(body.length, acceptEncoding)
  if (encoding === null) {
    if (response.destroyed) return
    const length = Buffer.byteLength(body)
    response.writeHead(status, [...headers, 'content-length', String(length)])
    // Node writes what is ASCII much faster when it is told so; small head and body leave as one string.
    const charset = length === body.length ? 'latin1' : 'utf8'
    // As bytes, because a text waits in the young generation of the heap until its client has read it, and is copied.
    if (body.length > largeBody) response.end(Buffer.from(body, charset))
    else response.end(body, charset)
  } else {
    const compressed = await compress(body, encoding)
    if (response.destroyed) return
    response.writeHead(status, [
      ...headers,
      'vary',
      'accept-encoding',
      'content-encoding',
      encoding,
      'content-length',
      String(compressed.length),
    ])
    response.end(compressed)
  }
  waitForReader(response)
}

/** A small answer is with the system already; a large one must not lie here for ever. */
function waitForReader(response: ServerResponse): void {
  if (response.writableLength > 0) response.setTimeout(stalledMs, () => response.destroy())
}
