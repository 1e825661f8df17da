import { H2CClient, Pool } from 'undici'
import type { CancelSignal } from '../../kit/cancellation.ts'
import { type Exchanged, exchange } from './exchange.ts'
import { bodyLimitBytes } from './http1/body-buffer.ts'
import { type Http1ClientOptions, createHttp1Client } from './http1/http1-client.ts'
import type { SubgraphAddress } from './subgraph-address.ts'

/** Posts texts to the GraphQL endpoint of one subgraph. */
export interface HttpClient {
  /** Resolves with the answer, whole. Rejects with the signal's reason, a TimeoutError, or what went wrong. */
  post(headers: Readonly<Record<string, string>>, body: string, signal: CancelSignal): Promise<Exchanged>
  close(): Promise<void>
}

/** Calls that share one connection of HTTP/2 without TLS. */
const callsPerH2Connection = 32

/** A client in the protocol that an address says: our own for HTTP/1.1 in the clear, undici's where there is more to it. */
export function openHttpClient(options: Http1ClientOptions): HttpClient {
  const { address, headers, connections, deadlineMs } = options
  if (address.origin.startsWith('http:') && !address.h2c) {
    const client = createHttp1Client(options)
    return {
      post: (varying, body, signal) => client.post(varying, body, signal),
      close: async () => client.close(),
    }
  }
  const { path } = address
  const pool = openPool(address, { connections, maxResponseSize: bodyLimitBytes })
  return {
    post: (varying, body, signal) =>
      exchange(pool, { method: 'POST', path, body, headers: { ...headers, ...varying } }, { signal, deadlineMs }),
    close: () => pool.destroy(),
  }
}

/** Connections of undici to a subgraph in the protocol that its address says. */
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
