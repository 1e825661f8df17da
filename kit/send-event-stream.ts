import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Logger } from './log.ts'

/** Sent on quiet streams so that proxies keep them and either side notices that the other is gone. */
const heartbeatMs = 12_000
const stalledMs = 60_000

/**
 * Answers with GraphQL results as an event stream, after the GraphQL over SSE protocol's distinct connections mode:
 * `next` per result, `complete` at the end. A single result is a stream of one. A reader that does not read is waited
 * for, so the feed must bound what it keeps meanwhile. Resolves when the stream is over.
 */
export async function sendEventStream(
  response: ServerResponse,
  results: object | AsyncIterableIterator<object, undefined>,
  options: { readonly log: Logger; readonly headers?: Readonly<Record<string, string>> },
): Promise<void> {
  const feed = Symbol.asyncIterator in results ? results : undefined
  // Who left while the stream was being opened gets no further event of it.
  if (response.destroyed) {
    await feed?.return?.()
    return
  }
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Tells nginx and its kind not to hold events back.
    'x-accel-buffering': 'no',
    ...options.headers,
  })
  const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs)
  response.once('close', () => void feed?.return?.())
  // Told at once, so that the reader knows that what happens from now on will be delivered.
  response.write(':\n\n')
  try {
    for await (const result of feed ?? [results]) {
      if (!response.write(`event: next\ndata: ${JSON.stringify(result)}\n\n`)) await drained(response)
    }
    response.end('event: complete\ndata:\n\n')
  } catch (error) {
    // Ended without `complete`, so that the reader knows that events are missing.
    options.log.warn({ err: error }, 'a stream failed')
    response.destroy()
  } finally {
    clearInterval(heartbeat)
  }
}

/** Waits until the reader has taken what was written; one who takes nothing for a minute is taken for dead. */
async function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return
  const given = new AbortController()
  const patience = setTimeout(() => response.destroy(), stalledMs)
  try {
    await Promise.race([once(response, 'drain', given), once(response, 'close', given)])
  } finally {
    clearTimeout(patience)
    // Takes the listener of the other event off again.
    given.abort()
  }
}
