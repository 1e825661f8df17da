import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import { v7 } from 'uuid'
import { CodedError, errorStatus, isCodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { retryAfter } from './http-refusal.ts'
import type { CrossOrigin } from './cross-origin.ts'
import { announcesTooMuch, bodyLimitBytes } from './read-body.ts'

const headersTimeoutMs = 10_000
/** Head and body of a request, from its first byte to its last. */
const requestTimeoutMs = 30_000
/** Node looks for requests that take too long every 30 s by default, so that ten seconds would be up to forty. */
const checkEveryMs = 2_000
/**
 * Longer than load balancers keep a quiet connection (60 s is usual), so that it is they who close it: one that closes
 * first while the other sends makes a request fail.
 */
const keepAliveTimeoutMs = 65_000

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A path whose requests pass by the router: the graph's, where each microsecond counts. */
export interface DirectRoute {
  readonly path: string
  readonly handle: Handler
  /** Which requests pass by; all when absent. */
  readonly takes?: ((request: IncomingMessage) => boolean) | undefined
  /** Answers addresses below the path that pass by as well; false for those that do not. Not asked about the path itself. */
  readonly below?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
}

/** The HTTP server with what all routes share: limits, request ids, and errors in one shape. */
export function createHttpServer(options: {
  readonly log: Logger
  readonly direct?: DirectRoute | undefined
  /** Connections beyond it are closed at once. */
  readonly maxConnections?: number | undefined
  /** Which pages may call what is below a path, for routes that the router serves. */
  readonly crossOrigin?: { readonly below: string; readonly rules: CrossOrigin } | undefined
}): FastifyInstance {
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    // Streams and keep-alive sockets must not hold up a shutdown.
    forceCloseConnections: true,
    serverFactory: (routed) => openServer(withDirect(routed, options.direct), options.maxConnections),
    genReqId: () => v7(),
    // A URL that cannot be decoded never reaches a route.
    frameworkErrors(error, _request, reply) {
      void (reply as FastifyReply).code(400).send(toBody(new CodedError('BAD_REQUEST', error.message)))
    },
  })
  if (options.crossOrigin) allowPages(app, options.crossOrigin)
  app.addHook('onSend', async (request, reply) => {
    void reply.header('x-request-id', request.id)
  })
  app.setErrorHandler(async (error: Error & { statusCode?: number }, request, reply) => {
    if (isCodedError(error)) {
      const later = retryAfter(error)
      if (later !== undefined) void reply.header('retry-after', later)
      return reply.code(errorStatus[error.code]).send(toBody(error))
    }
    const status = error.statusCode ?? 500
    const coded =
      status < 500
        ? new CodedError('BAD_REQUEST', error.message)
        : new CodedError('INTERNAL', 'Something went wrong on our side.', { requestId: request.id })
    if (status >= 500) options.log.error({ err: error, requestId: request.id }, 'a request failed')
    return reply.code(status).send(toBody(coded))
  })
  app.setNotFoundHandler(() => {
    throw new CodedError(
      'NOT_FOUND',
      'There is nothing here. The graph is at POST /graphql, streams at POST /graphql/stream, the page at /.',
    )
  })
  return app
}

/** Answers preflights, and names who may read an answer; streams are written past fastify, so on the raw response. */
function allowPages(
  app: FastifyInstance,
  { below, rules }: { readonly below: string; readonly rules: CrossOrigin },
): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith(below)) return
    const isPreflight = request.method === 'OPTIONS'
    const headers = isPreflight ? rules.preflightFor(request.raw) : rules.headersFor(request.raw)
    for (let at = 0; at < headers.length; at += 2) reply.raw.setHeader(headers[at] ?? '', headers[at + 1] ?? '')
    if (isPreflight) await reply.code(204).send()
  })
}

function withDirect(routed: Handler, direct: DirectRoute | undefined): Handler {
  if (direct === undefined) return routed
  const { path, handle, takes, below } = direct
  const [withQuery, within] = [`${path}?`, `${path}/`]
  return (request, response) => {
    const url = request.url ?? ''
    if ((url === path || url.startsWith(withQuery)) && (takes?.(request) ?? true)) handle(request, response)
    else if (below && url.startsWith(within) && below(request, response)) return
    else routed(request, response)
  }
}

function openServer(handle: Handler, maxConnections: number | undefined): Server {
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      connectionsCheckingInterval: checkEveryMs,
      maxHeaderSize: 16 * 1024,
    },
    handle,
  )
  // Who asks before sending is told of a body that is too large instead of being told to send it.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!announcesTooMuch(request)) response.writeContinue()
    handle(request, response)
  })
  if (maxConnections !== undefined) server.maxConnections = maxConnections
  return server
}

function toBody({ message, extensions }: CodedError): object {
  return { errors: [{ message, extensions }] }
}
