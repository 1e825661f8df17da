import type { CancelSignal } from '../../../kit/cancellation.ts'
import { deadlinePassed } from '../../../kit/with-deadline.ts'
import { type Exchanged, reasonOf } from '../exchange.ts'
import type { SubgraphAddress } from '../subgraph-address.ts'
import { BodyMemory } from './body-memory.ts'
import { Call } from './call.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import { Deadlines } from './deadlines.ts'
import { headerLines } from './request-head.ts'

export interface Http1ClientOptions {
  readonly address: SubgraphAddress
  /** Header fields that every request has. */
  readonly headers: Readonly<Record<string, string>>
  /** Sockets at once; more calls wait for a free one. */
  readonly connections: number
  /** The longest that one call may take, milliseconds; it then rejects with a TimeoutError. */
  readonly deadlineMs?: number | undefined
}

/** Posts texts to one path of one server over HTTP/1.1 without TLS. */
export interface Http1Client {
  /**
   * Resolves with the answer, whole. Rejects with the signal's reason, with a TimeoutError, or with what was wrong
   * with the connection or the answer.
   */
  post(headers: Readonly<Record<string, string>>, body: string, signal: CancelSignal): Promise<Exchanged>
  /** Ends all calls and connections. */
  close(): void
}

/** How often idle connections are looked at. */
const sweepMs = 1_000

/** A client that does only what calls to subgraphs need, in a half of the time of one that does all. */
export function createHttp1Client({ address, headers, connections, deadlineMs }: Http1ClientOptions): Http1Client {
  const { host, hostname, port } = new URL(address.origin)
  const to =
    address.socketPath === undefined
      ? { host: hostname.replaceAll(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) }
      : { path: address.socketPath }
  const prefix = `POST ${address.path} HTTP/1.1\r\n${headerLines({ host, connection: 'keep-alive', ...headers })}`

  const memory = new BodyMemory()
  const open = new Set<Connection>()
  const connecting = new Set<Connection>()
  /** The last that was used is the first that is used again, so that the others can end. */
  const idle: Connection[] = []
  const waiting = new Set<Call>()
  let sweeper: NodeJS.Timeout | undefined
  let isClosed = false

  /** Ends a call before its answer. Its connection goes with it: the answer may still come there. */
  const end = (call: Call, reason: Error): void => {
    if (call.connection) {
      call.connection.leave(reason)
      return
    }
    waiting.delete(call)
    deadlines?.remove(call)
    call.fail(reason)
  }
  const deadlines =
    deadlineMs === undefined ? undefined : new Deadlines<Call>(deadlineMs, (call) => end(call, deadlinePassed()))
  const onAbort = (call: Call, signal: CancelSignal): void => end(call, reasonOf(signal))

  const sweep = (): void => {
    sweeper = undefined
    const now = performance.now()
    for (const connection of idle.filter(({ idleUntil }) => idleUntil <= now)) connection.leave(new Error('idle'))
    if (idle.length > 0) sweepLater()
  }
  const sweepLater = (): void => {
    sweeper ??= setTimeout(sweep, sweepMs).unref()
  }
  const takeIdle = (now: number): Connection | undefined => {
    for (;;) {
      const connection = idle.pop()
      if (connection === undefined || connection.idleUntil > now) return connection
      connection.leave(new Error('idle for too long'))
    }
  }
  const giveOn = (connection: Connection): void => {
    for (const call of waiting) {
      waiting.delete(call)
      connection.send(call)
      return
    }
    connection.rest(performance.now())
    idle.push(connection)
    sweepLater()
  }
  const connectMore = (): void => {
    while (connecting.size < waiting.size && open.size < connections) {
      const connection = new Connection(to, owner, memory)
      open.add(connection)
      connecting.add(connection)
    }
  }
  const owner: ConnectionOwner = {
    opened(connection) {
      connecting.delete(connection)
      giveOn(connection)
    },
    answered(connection, call, reusable) {
      deadlines?.remove(call)
      if (reusable) giveOn(connection)
      else connection.leave(new Error('not to be used again'))
    },
    left(connection, call, reason) {
      open.delete(connection)
      const place = idle.indexOf(connection)
      if (place >= 0) idle.splice(place, 1)
      if (call) {
        deadlines?.remove(call)
        call.fail(reason)
      }
      // Where nobody can connect, all that wait are told at once, instead of one with each attempt.
      if (connecting.delete(connection) && open.size === connecting.size) {
        for (const waiter of waiting) end(waiter, reason)
      }
      connectMore()
    },
  }

  return {
    post(varying, body, signal) {
      return new Promise((resolve, reject) => {
        if (isClosed) throw new Error('the client is closed')
        if (signal.aborted) throw reasonOf(signal)
        const length = Buffer.byteLength(body)
        const text = `${prefix}${headerLines(varying)}content-length: ${length}\r\n\r\n${body}`
        // As many bytes as units: then none of them needs more than one.
        const encoding = length === body.length ? 'latin1' : 'utf8'
        const call = new Call(text, encoding, signal)
        call.resolve = resolve
        call.reject = reject
        call.listen(onAbort)
        const now = performance.now()
        deadlines?.add(call, now)
        const connection = takeIdle(now)
        if (connection) {
          connection.wake()
          connection.send(call)
        } else {
          waiting.add(call)
          connectMore()
        }
      })
    },
    close() {
      isClosed = true
      const reason = new Error('the client is closed')
      for (const call of waiting) end(call, reason)
      for (const connection of open) connection.leave(reason)
      clearTimeout(sweeper)
      deadlines?.close()
    },
  }
}
