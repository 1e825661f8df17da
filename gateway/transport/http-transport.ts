import { H2CClient, Pool } from 'undici'
import { type CancelSignal, abortSignalOf } from '../../kit/cancellation.ts'
import { createQueue } from '../../kit/event-queue.ts'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import { mapFeed } from '../../kit/map-feed.ts'
import { createNonces } from '../../kit/nonces.ts'
import { signRequest } from '../../kit/signature.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'
import { createEventStreamParser } from './event-stream-parser.ts'
import { abortError, isTimeout } from './abort-error.ts'
import { exchange } from './exchange.ts'
import { type SubgraphAddress, subgraphAddress } from './subgraph-address.ts'
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
/** Calls that share one connection of HTTP/2 without TLS. */
const callsPerH2Connection = 32
/** An answer of a subgraph larger than this is refused instead of being read into memory. */
const responseLimitBytes = 32 * 1024 * 1024
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
  const pool = openPool(address, { connections, maxResponseSize: responseLimitBytes })
  // A stream holds its socket for as long as it lives, so streams do not share the pool of requests.
  const streamPool = openPool(address, { bodyTimeout: streamSilenceMs })

  const prepare = (request: TransportRequest, accept: string) => {
    const { query, variables, operationName } = request
    const body = request.body ?? JSON.stringify({ query, variables, operationName })
    return {
      method: 'POST',
      path,
      body,
      headers: {
        accept,
        'content-type': 'application/json',
        'x-request-id': request.requestId,
        ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
        ...signRequest(options.signatureKey, {
          method: 'POST',
          path,
          body,
          caller: request.caller,
          now: options.now().getTime(),
          nonce: nextNonce(),
        }),
      },
    } as const
  }
  const failure = (error: unknown, signal: CancelSignal): CodedError => {
    if (isCodedError(error)) return error
    if (signal.aborted) return abortError(options.name, signal.reason)
    return isTimeout(error) ? abortError(options.name, error) : unavailable(options.name, error)
  }

  return {
    sendsText: true,
    async execute(request) {
      try {
        const { signal } = request
        const limits = { signal, deadlineMs: options.deadlineMs }
        const { status, text } = await exchange(pool, prepare(request, 'application/json'), limits)
        return readResult(options.name, status, text)
      } catch (error) {
        throw failure(error, request.signal)
      }
    },
    async subscribe(request) {
      try {
        const signal = abortSignalOf(request.signal)
        const response = await streamPool.request({ ...prepare(request, 'text/event-stream'), signal })
        if (!String(response.headers['content-type']).startsWith('text/event-stream')) {
          return readResult(options.name, response.statusCode, await response.body.text())
        }
        return await openStream(response.body, options.name, request.signal)
      } catch (error) {
        throw failure(error, request.signal)
      }
    },
    async close() {
      await Promise.all([pool.destroy(), streamPool.destroy()])
    },
  }
}

/** Connections to a subgraph in the protocol that its address says. */
export function openPool({ origin, socketPath, h2c }: SubgraphAddress, limits: Pool.Options): Pool {
  const connect = { timeout: 3_000, ...(socketPath === undefined ? {} : { socketPath }) }
  // Over TLS the subgraph chooses by ALPN; without it a client has to know.
  if (!h2c) return new Pool(origin, { ...limits, connect, allowH2: true })
  const { connections: sockets, ...perClient } = limits
  return new Pool(origin, {
    ...perClient,
    ...(typeof sockets !== 'number' ? {} : { connections: Math.ceil(sockets / callsPerH2Connection) }),
    factory: (to) =>
      new H2CClient(to, {
        ...perClient,
        connect,
        maxConcurrentStreams: callsPerH2Connection,
        pipelining: callsPerH2Connection,
      }),
  })
}

async function openStream(
  body: AsyncIterable<Buffer> & { destroy(): unknown },
  name: string,
  signal: CancelSignal,
): Promise<AsyncIterableIterator<SubgraphResult, undefined>> {
  const parse = createEventStreamParser(responseLimitBytes)
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
