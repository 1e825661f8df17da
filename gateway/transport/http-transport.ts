import { type CancelSignal, abortSignalOf } from '../../kit/cancellation.ts'
import { createQueue } from '../../kit/event-queue.ts'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import { mapFeed } from '../../kit/map-feed.ts'
import { createNonces } from '../../kit/nonces.ts'
import { signRequest } from '../../kit/signature.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'
import { createEventStreamParser } from './event-stream-parser.ts'
import { abortError, isTimeout } from './abort-error.ts'
import { openHttpClient, openPool } from './http-client.ts'
import { bodyLimitBytes } from './http1/body-buffer.ts'
import { subgraphAddress } from './subgraph-address.ts'
import { HttpResult, type Transport, type TransportRequest, type TransportResult } from './transport.ts'

export interface HttpTransportOptions {
  readonly name: string
  /** The subgraph's GraphQL endpoint, as `subgraphAddress` reads it. */
  readonly url: string
  readonly signatureKey: Uint8Array
  readonly now: () => Date
  /** The longest that one call may take, milliseconds; without it a call ends with the operation that it is for. */
  readonly deadlineMs?: number | undefined
}

/** Sockets to one subgraph; more requests wait for a free one. */
const connections = 64
/** Events that may wait for a slow reader before no more are read from the socket. */
const readAhead = 1_000
/** Subgraphs send a heartbeat more often than this; a silent stream is a dead one. */
const streamSilenceMs = 40_000

/**
 * Calls a subgraph over HTTP/1.1 with keep-alive, or HTTP/2 where the subgraph offers it; every request carries the
 * caller and the gateway's signature.
 */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const address = subgraphAddress(options.url)
  const { path } = address
  const nextNonce = createNonces()
  const client = openHttpClient({
    address,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    connections,
    deadlineMs: options.deadlineMs,
  })
  // A stream holds its socket for as long as it lives, so streams do not share the sockets of requests.
  const streamPool = openPool(address, { bodyTimeout: streamSilenceMs })

  const headersOf = ({ requestId, traceparent, caller }: TransportRequest, body: string): Record<string, string> => ({
    'x-request-id': requestId,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...signRequest(options.signatureKey, {
      method: 'POST',
      path,
      body,
      caller,
      now: options.now().getTime(),
      nonce: nextNonce(),
    }),
  })
  const failure = (error: unknown, signal: CancelSignal): CodedError => {
    if (isCodedError(error)) return error
    if (signal.aborted) return abortError(options.name, signal.reason)
    return isTimeout(error) ? abortError(options.name, error) : unavailable(options.name, error)
  }

  return {
    sendsText: true,
    async execute(request) {
      try {
        const body = bodyOf(request)
        const { status, text } = await client.post(headersOf(request, body), body, request.signal)
        return readResult(options.name, status, text)
      } catch (error) {
        throw failure(error, request.signal)
      }
    },
    async subscribe(request) {
      try {
        const signal = abortSignalOf(request.signal)
        const body = bodyOf(request)
        const accepted = { accept: 'text/event-stream', 'content-type': 'application/json' }
        const headers = { ...accepted, ...headersOf(request, body) }
        const response = await streamPool.request({ method: 'POST', path, headers, body, signal })
        if (!String(response.headers['content-type']).startsWith('text/event-stream')) {
          return readResult(options.name, response.statusCode, await response.body.text())
        }
        return await openStream(response.body, options.name, request.signal)
      } catch (error) {
        throw failure(error, request.signal)
      }
    },
    async close() {
      await Promise.all([client.close(), streamPool.destroy()])
    },
  }
}

function bodyOf({ body, query, variables, operationName }: TransportRequest): string {
  return body ?? JSON.stringify({ query, variables, operationName })
}

async function openStream(
  body: AsyncIterable<Buffer> & { destroy(): unknown },
  name: string,
  signal: CancelSignal,
): Promise<AsyncIterableIterator<SubgraphResult, undefined>> {
  const parse = createEventStreamParser(bodyLimitBytes)
  let waiting = 0
  let goOn: (() => void) | undefined
  const queue = createQueue<SubgraphResult>({
    limit: Number.POSITIVE_INFINITY,
    onEnd: () => {
      body.destroy()
      goOn?.()
    },
  })
  const decoder = new TextDecoder()
  const chunks = body[Symbol.asyncIterator]()
  // The subgraph's first comment says that it has subscribed; errors before it are the caller's to handle.
  const first = await chunks.next()
  const take = (chunk: Buffer): boolean => {
    for (const { event, data } of parse(decoder.decode(chunk, { stream: true }))) {
      if (event === 'complete') return false
      if (event !== 'next') continue
      queue.push(JSON.parse(data) as SubgraphResult)
      waiting += 1
    }
    return true
  }
  const read = async (): Promise<void> => {
    try {
      let more = first.done === true ? false : take(first.value)
      while (more) {
        // A long past comes faster than it is read: the subgraph waits, and reads it from the log as it is asked for.
        if (waiting >= readAhead) await new Promise<void>((resolve) => (goOn = resolve))
        const chunk = await chunks.next()
        if (chunk.done === true) throw new Error('the stream ended without being complete')
        more = take(chunk.value)
      }
      queue.end()
    } catch (error) {
      queue.fail(signal.aborted ? abortError(name, signal.reason) : unavailable(name, error))
    }
  }
  void read()
  return mapFeed(queue.iterator, (result) => {
    waiting -= 1
    if (waiting < readAhead) goOn?.()
    return result
  })
}

/** GraphQL errors of a well-formed answer pass; anything else means that the subgraph could not be used. */
function readResult(name: string, status: number, text: string): TransportResult {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw unavailable(name, new Error(`status ${status}, not JSON`, { cause: error }))
  }
  if (typeof json !== 'object' || json === null || !('data' in json || 'errors' in json)) {
    throw unavailable(name, new Error(`status ${status}, not a GraphQL response`))
  }
  if (status === 401 || status >= 500) throw unavailable(name, new Error(`status ${status}: ${text.slice(0, 500)}`))
  const result = json as SubgraphResult
  // Valid JSON without a backslash has no string that needs one.
  return new HttpResult(result, !text.includes('\\'))
}

function unavailable(name: string, cause: unknown): CodedError {
  const error = new CodedError('SUBGRAPH_UNAVAILABLE', 'A part of the graph cannot be reached at the moment.')
  error.cause = new Error(`subgraph ${name}`, { cause })
  return error
}
