import type { IncomingMessage } from 'node:http'

const limitBytes = 64 * 1024

/** Reads the form of a page; what is larger, or no form, is an empty one. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    // Leaving the loop closes the socket: no page of ours sends as much.
    if (length > limitBytes) break
    chunks.push(chunk)
  }
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
  return new URLSearchParams(isForm && length <= limitBytes ? Buffer.concat(chunks).toString('utf8') : '')
}
