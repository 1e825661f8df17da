import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Logger } from '../../kit/log.ts'
import { createEventBytes } from './event-bytes.ts'
import { type Beating, Heartbeats, heartbeatMs } from './heartbeats.ts'
import { WriteTurns } from './outlet.ts'
import { serverClosing } from './server-closing.ts'
import type { StreamRunner } from './stream-operation.ts'
import { type SocketDoor, WebSocketConnection } from './websocket-connection.ts'

/** A message larger than this closes the socket; `ws` would take 100 MiB. */
const maxMessageBytes = 256 * 1024
/** In so many frames a message may come. */
const maxFragments = 1_024
const connectionInitTimeoutMs = 3_000
/** A client that does not answer to the close of its socket is left after it. The types of `ws` do not know it yet. */
const closeTimeout = { closeTimeout: 5_000 }

/** RFC 6455's registry: the service restarts, and clients come back. */
const serviceRestart = 1012

/**
 * GraphQL over WebSocket (`graphql-transport-ws`) on the HTTP server's `path`. Credentials come in the payload of
 * `connection_init`; a refusal closes with 4403 before any operation.
 */
export function serveWebSocket(
  server: Server,
  options: {
    readonly path: string
    /** How who connects is looked up. What it keeps of the request is kept for as long as the socket. */
    readonly doorOf: (request: IncomingMessage) => SocketDoor
    readonly run: StreamRunner
    /** Other addresses: what runs their operations, with headers of the answer to an upgrade; else the answer that refuses it. */
    readonly runAt?: (url: string) => SocketRun | string | null
    readonly log: Logger
    /** How often peers are pinged; one that shows no sign of life until the next time is left. */
    readonly beatMs?: number
  },
): { close(): Promise<void> } {
  const { path, doorOf, run, runAt, log, beatMs = heartbeatMs } = options
  const upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    maxFragments,
    ...closeTimeout,
    handleProtocols: (offered) => offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) && GRAPHQL_TRANSPORT_WS_PROTOCOL,
  })
  const turns = new WriteTurns()
  const heartbeats = new Heartbeats(beatMs)
  const bytesOf = createEventBytes(({ body }) => Buffer.from(body))
  const open = new Map<WebSocket, WebSocketConnection>()
  let closing = false
  const emptied: (() => void)[] = []

  const accept = (webSocket: WebSocket, socket: Socket, { request, run: ownRun }: Upgraded): void => {
    webSocket.on('error', onWebSocketError)
    if (closing) return webSocket.close(serviceRestart)
    if (webSocket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
      return webSocket.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable')
    }
    const connection = new WebSocketConnection(webSocket, socket, {
      door: doorOf(request),
      run: ownRun,
      bytesOf,
      turns,
      log,
    })
    open.set(webSocket, connection)
    const patience = setTimeout(() => {
      if (!connection.hasBegun) {
        connection.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout')
      }
    }, connectionInitTimeoutMs)
    const stopBeating = heartbeats.add(new Pulse(webSocket, socket, connection))
    webSocket.once('close', () => {
      clearTimeout(patience)
      stopBeating()
      connection.closed()
      open.delete(webSocket)
      if (open.size === 0) for (const tell of emptied.splice(0)) tell()
    })
  }

  const headersOf = new WeakMap<IncomingMessage, readonly string[]>()
  upgrades.on('headers', (lines: string[], request: IncomingMessage) => {
    const headers = headersOf.get(request) ?? []
    for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`)
  })
  // Made once: a listener that is made for a socket would keep the request of its upgrade for as long as that.
  const onSocketError = (error: Error): void => log.info({ err: error }, 'a socket failed while it was upgraded')
  const onWebSocketError = (error: Error): void => log.info({ err: error }, 'a WebSocket failed')

  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    // Node hands the socket over without its own listener: a peer that resets it would else end the process.
    socket.on('error', onSocketError)
    const url = request.url ?? ''
    const found = url.split('?')[0] === path ? { run, headers: [] } : (runAt?.(url) ?? notFound)
    if (typeof found === 'string') {
      // The server lets peers keep their half open, and none of its timeouts are for what was upgraded.
      socket.end(found, () => socket.destroy())
      return
    }
    headersOf.set(request, found.headers)
    upgrades.handleUpgrade(request, socket, head, (webSocket) => accept(webSocket, socket, { request, run: found.run }))
  })

  return {
    /** Tells every reader to go on elsewhere, and from where. */
    async close() {
      closing = true
      for (const connection of open.values()) connection.leave(serverClosing, serviceRestart)
      if (open.size > 0) await new Promise<void>((resolve) => emptied.push(resolve))
      heartbeats.close()
    },
  }
}

/** What runs operations of sockets to an address. */
export interface SocketRun {
  readonly run: StreamRunner
  /** Names and values in turn. */
  readonly headers: readonly string[]
}

interface Upgraded {
  readonly request: IncomingMessage
  readonly run: StreamRunner
}

const notFound = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n'

/** Finds peers that are gone without having said so. */
class Pulse implements Beating {
  readonly #webSocket: WebSocket
  readonly #socket: Socket
  readonly #connection: WebSocketConnection
  #read: number
  #waiting = 0
  #taken = 0

  constructor(webSocket: WebSocket, socket: Socket, connection: WebSocketConnection) {
    this.#webSocket = webSocket
    this.#socket = socket
    this.#connection = connection
    // What the upgrade came in is no answer to the first ping.
    this.#read = -1
  }

  beat(): void {
    const { bytesRead, bytesWritten, writableLength } = this.#socket
    const taken = bytesWritten - writableLength
    // A peer that reads slowly has the ping still before it, but takes what waited.
    const alive = bytesRead !== this.#read || (this.#waiting > 0 && taken > this.#taken)
    this.#read = bytesRead
    this.#waiting = writableLength
    this.#taken = taken
    if (alive) this.#connection.ping()
    else this.#webSocket.terminate()
  }
}
