import type { IncomingMessage, Server } from 'node:http'
import { type ExecutionResult, GraphQLSchema, parse } from 'graphql'
import { CloseCode, type ServerOptions, type SubscribePayload } from 'graphql-ws'
import { type Extra, useServer } from 'graphql-ws/use/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import type { Identity, LiveIdentity } from '../request.ts'
import { type StreamRunner, toExecutionResults } from './stream-operation.ts'

/** A message larger than this closes the socket; `ws` would take 100 MiB. */
const maxMessageBytes = 256 * 1024
const connectionInitTimeoutMs = 3_000
const keepAliveMs = 12_000

/** RFC 6455's close code for an outage: clients retry it, while 4403 tells them that their key is wrong. */
const tryAgainLater = 1013

/** graphql-ws looks at the document only to choose between `execute` and `subscribe`. */
const anyOperation = { schema: new GraphQLSchema({}), document: parse('{ __typename }') }

type InitPayload = Readonly<Record<string, unknown>> | undefined

/** What ends each operation of a connection, by the payload that began it: ids may be used again. */
type Operations = Map<SubscribePayload, AbortController>

/**
 * GraphQL over WebSocket (`graphql-transport-ws`) on the HTTP server's `path`. Credentials come in the payload of
 * `connection_init`; a refusal closes with 4403 before any operation.
 */
export function serveWebSocket(
  server: Server,
  options: {
    readonly path: string
    readonly identify: (initPayload: InitPayload, request: IncomingMessage) => Promise<Identity>
    /** Identifies who connects, and tells what becomes of them until it is released. */
    readonly watch: (initPayload: InitPayload, request: IncomingMessage) => Promise<LiveIdentity>
    readonly run: StreamRunner
    readonly log: Logger
  },
): { close(): Promise<void> } {
  const { identify, watch, run, log } = options
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes })
  const operationsBySocket = new WeakMap<WebSocket, Operations>()
  const callers = new WeakMap<WebSocket, LiveIdentity>()

  const operationsOf = ({ socket }: Extra): Operations => {
    let operations = operationsBySocket.get(socket)
    if (operations === undefined) {
      operations = new Map()
      operationsBySocket.set(socket, operations)
    }
    return operations
  }
  const serverOptions: ServerOptions<Record<string, unknown>, Extra> = {
    connectionInitWaitTimeout: connectionInitTimeoutMs,
    async onConnect({ connectionParams, extra }) {
      try {
        const live = await watch(connectionParams, extra.request)
        if (extra.socket.readyState !== extra.socket.OPEN) live.release()
        else follow(extra.socket, live)
        return true
      } catch (error) {
        if (!isCodedError(error)) {
          // Thrown, graphql-ws would tell the client its message.
          log.error({ err: error }, 'a caller could not be looked up')
          extra.socket.close(CloseCode.InternalServerError, 'Internal server error')
          return false
        }
        closeRefused(extra.socket, error)
        return false
      }
    },
    onSubscribe: async ({ connectionParams, extra }, _id, payload) => {
      const gone = new AbortController()
      const operations = operationsOf(extra)
      operations.set(payload, gone)
      const result = await begin({ payload, connectionParams, extra }, gone.signal)
      if (!(Symbol.asyncIterator in result)) {
        operations.delete(payload)
        if (result.data === undefined && result.errors) return result.errors
      }
      // The result is handed on through `execute`, which graphql-ws calls next with what is returned here.
      return { ...anyOperation, rootValue: result }
    },
    execute: ({ rootValue }) => rootValue as ExecutionResult | AsyncIterableIterator<ExecutionResult, undefined>,
    onComplete: ({ extra }, _id, payload) => end(operationsOf(extra), payload),
    onError: ({ extra }, _id, payload) => end(operationsOf(extra), payload),
    onClose: ({ extra }) => {
      const operations = operationsOf(extra)
      for (const payload of operations.keys()) end(operations, payload)
    },
  }
  /** A connection lives as long as its caller: open streams are told first, each by itself. */
  function follow(socket: WebSocket, live: LiveIdentity): void {
    callers.set(socket, live)
    socket.once('close', () => live.release())
    live.listen(() => {
      const { ended } = live
      if (ended !== null) setImmediate(() => closeRefused(socket, ended))
    })
  }
  /** Who calls is asked for each operation, so that a key revoked after the socket was opened begins nothing more. */
  async function begin(
    operation: { readonly payload: SubscribePayload; readonly connectionParams: InitPayload; readonly extra: Extra },
    signal: AbortSignal,
  ): Promise<ReturnType<typeof toExecutionResults>> {
    const { payload, connectionParams, extra } = operation
    try {
      const identity = await identify(connectionParams, extra.request)
      const live = callers.get(extra.socket)
      return toExecutionResults(await run(payload, live ? { ...identity, live } : identity, signal))
    } catch (error) {
      if (isCodedError(error)) return { errors: [error] }
      // Thrown, it would close the socket with all of its other operations.
      log.error({ err: error }, 'an operation of a socket failed')
      return { errors: [new CodedError('INTERNAL', 'Something went wrong on our side.')] }
    }
  }
  const handlers = useServer(serverOptions, sockets, keepAliveMs)

  server.on('upgrade', (request, socket, head) => {
    // Node hands the socket over without its own listener: a peer that resets it would else end the process.
    socket.on('error', (error) => log.info({ err: error }, 'a socket failed while it was upgraded'))
    if (request.url?.split('?')[0] !== options.path) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      sockets.emit('connection', webSocket, request)
      // graphql-ws prints a stack for every frame that is too large or malformed, which any stranger can send.
      webSocket.removeAllListeners('error')
      webSocket.on('error', (error) => log.info({ err: error }, 'a WebSocket failed'))
    })
  })
  return { close: async () => handlers.dispose() }
}

/** 4403 is final for clients; an outage is not. */
function closeRefused(socket: WebSocket, error: CodedError): void {
  const final = error.code === 'UNAUTHENTICATED' || error.code === 'PLAN_FORBIDS'
  socket.close(final ? CloseCode.Forbidden : tryAgainLater, error.message.slice(0, 120))
}

function end(operations: Operations, payload: SubscribePayload): void {
  operations.get(payload)?.abort()
  operations.delete(payload)
}
