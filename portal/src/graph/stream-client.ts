import { createClient, type Client } from 'graphql-ws'
import type { Credentials } from '../caller/credentials.ts'

/**
 * The WebSocket to the graph, or a part of it, for subscriptions, opened by the first and closed with the last. It never reconnects by
 * itself: events sent in between would be missing, and an explorer must say so rather than hide it.
 */
export function createStreamClient({ appId, key }: Credentials, path: string): Client {
  const url = new URL(path, location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return createClient({ url: url.href, connectionParams: { appId, key }, lazy: true, retryAttempts: 0 })
}

/** Says why a stream ended, from what graphql-ws passes to `sink.error`. */
export function describeStreamError(error: unknown): string {
  if (error instanceof CloseEvent) {
    if (error.code === 1006) return 'The server closed the connection without a reason. Check that it is still running.'
    return `The server closed the stream: ${error.reason || 'no reason given'} (code ${error.code}).`
  }
  if (Array.isArray(error)) return error.map((each: unknown) => describeStreamError(each)).join(' ')
  if (error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error)) {
    return String(error.message)
  }
  return 'The WebSocket to the server could not be opened.'
}
