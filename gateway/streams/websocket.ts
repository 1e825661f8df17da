import type { Server } from 'node:http'
import { type ExecutionResult, GraphQLSchema, parse } from 'graphql'
import { CloseCode, type ServerOptions } from 'graphql-ws'
import { type Extra, useServer } from 'graphql-ws/use/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { CodedError, isCodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import type { Identity } from '../request.ts'
import type { StreamRunner } from './stream-operation.ts'

/** A message larger than this closes the socket; `ws` would take 100 MiB. */
const maxMessageBytes = 256 * 1024
const connectionInitTimeoutMs = 3_000
const keepAliveMs = 12_000

/** RFC 6455's close code for an outage: clients retry it, while 4403 tells them that their key is wrong. */
const tryAgainLater = 1013

/** graphql-ws looks at the document only to choose between `execute` and `subscribe`. */
const anyOperation = { schema: new GraphQLSchema({}), document: parse('{ __typename }') }

/** What a connection's callbacks share: who it is, and what ends each of its operations. */
interface ConnectionState {
  identity?: Identity
  readonly operations: Map<string, AbortController>
}

/**
 * GraphQL over WebSocket (`graphql-transport-ws`) on the HTTP server's `path`. Credentials come in the payload of
 * `connection_init`; a refusal closes with 4403 before any operation.
 */
export function serveWebSocket(
  server: Server,
  options: {
    readonly path: string
    readonly identify: (initPayload: Readonly<Record<string, unknown>> | undefined) => Promise<Identity>
    readonly run: StreamRunner
    readonly log: Logger
  },
): { close(): Promise<void> } {
  const { identify, run, log } = options
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes })
  const states = new WeakMap<WebSocket, ConnectionState>()

  const stateOf = (extra: Extra): ConnectionState => {
    let state = states.get(extra.socket)
    if (state === undefined) {
      state = { operations: new Map() }
      states.set(extra.socket, state)
    }
    return state
  }
  const serverOptions: ServerOptions<Record<string, unknown>, Extra> = {
    connectionInitWaitTimeout: connectionInitTimeoutMs,
    async onConnect({ connectionParams, extra }) {
      try {
        stateOf(extra).identity = await identify(connectionParams)
        return true
      } catch (error) {
        if (!isCodedError(error)) throw error
        const final = error.code === 'UNAUTHENTICATED' || error.code === 'PLAN_FORBIDS'
        extra.socket.close(final ? CloseCode.Forbidden : tryAgainLater, error.message.slice(0, 120))
        return false
      }
    },
    onSubscribe: async ({ extra }, id, payload) => {
      const { identity, operations } = stateOf(extra)
      if (identity === undefined) throw new Error('an operation came before the connection was acknowledged')
      // The runner's result is handed on through `execute`, which graphql-ws calls next with what is returned here.
      const gone = new AbortController()
      operations.set(id, gone)
      const result = await run(payload, identity, gone.signal).catch((error: unknown): ExecutionResult => {
        // Thrown, it would close the socket with all of its other operations.
        log.error({ err: error }, 'an operation of a socket failed')
        return { errors: [new CodedError('INTERNAL', 'Something went wrong on our side.')] }
      })
      if (!(Symbol.asyncIterator in result)) {
        operations.delete(id)
        if (result.data === undefined && result.errors) return result.errors
      }
      return { ...anyOperation, rootValue: result }
    },
    execute: ({ rootValue }) => rootValue as ExecutionResult | AsyncIterableIterator<ExecutionResult, undefined>,
    onComplete: ({ extra }, id) => end(stateOf(extra), id),
    onError: ({ extra }, id) => end(stateOf(extra), id),
    onClose: ({ extra }) => {
      const state = stateOf(extra)
      for (const id of state.operations.keys()) end(state, id)
    },
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
      webSocket.on('error', (error) => log.info({ err: error }, 'a WebSocket failed'))
      sockets.emit('connection', webSocket, request)
    })
  })
  return { close: async () => handlers.dispose() }
}

function end({ operations }: ConnectionState, id: string): void {
  operations.get(id)?.abort()
  operations.delete(id)
}
