import { type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import { v7 } from 'uuid'
import { CodedError, errorStatus, isCodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'

/** A larger body is refused with 413 before it is read to its end. */
const bodyLimitBytes = 256 * 1024
const headersTimeoutMs = 10_000

/** The HTTP server with what all routes share: limits, request ids, and errors in one shape. */
export function createHttpServer(options: { readonly log: Logger }): FastifyInstance {
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    // Streams and keep-alive sockets must not hold up a shutdown.
    forceCloseConnections: true,
    requestTimeout: 30_000,
    genReqId: () => v7(),
    // A URL that cannot be decoded never reaches a route.
    frameworkErrors(error, _request, reply) {
      void (reply as FastifyReply).code(400).send(toBody(new CodedError('BAD_REQUEST', error.message)))
    },
    http: { headersTimeout: headersTimeoutMs, maxHeaderSize: 16 * 1024 },
  })
  app.addHook('onSend', async (request, reply) => {
    void reply.header('x-request-id', request.id)
  })
  app.setErrorHandler(async (error: Error & { statusCode?: number }, request, reply) => {
    if (isCodedError(error)) {
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

function toBody({ message, extensions }: CodedError): object {
  return { errors: [{ message, extensions }] }
}
