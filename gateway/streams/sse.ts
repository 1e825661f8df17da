import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { CodedError, errorStatus, requestErrors } from '../../kit/errors.ts'
import { eventStreamDialect } from './event-stream-dialect.ts'
import { type HttpStreamsOptions, createHttpStreams } from './http-streams.ts'
import type { OperationParams, StreamAnswer } from './stream-operation.ts'

const bodySchema = z.object({
  query: z.string().optional(),
  documentId: z.string().optional(),
  extensions: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
})

export interface EventStreamOptions extends HttpStreamsOptions {
  readonly path: string
  /** Reads the search of a GET. Throws a coded error. */
  readonly paramsOfSearch: (search: string) => OperationParams
}

/**
 * GraphQL over SSE, distinct connections mode: a GraphQL request on `path`, as a POST or in the search of a GET, with
 * `Accept: text/event-stream`. `Last-Event-ID` is the cursor to go on after. What the gateway refuses before the stream
 * begins, for who asks or for how much, is answered as JSON with a status; what GraphQL finds wrong, as the protocol
 * wants it, by a stream of that one result.
 */
export function serveEventStreams(app: FastifyInstance, options: EventStreamOptions): { close(): Promise<void> } {
  const { path, paramsOfSearch } = options
  const streams = createHttpStreams(eventStreamDialect, options)

  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const headers = ['x-request-id', request.id]
    const after = request.headers['last-event-id']
    const params = { ...read(request), ...(typeof after === 'string' && after !== '' ? { after } : {}) }
    const answer = await streams.open({ request: request.raw, response: reply.raw }, params, headers)
    if (answer !== null && isRefused(answer)) return refuse(reply, answer)
    reply.hijack()
    if (answer !== null) streams.answer(reply.raw, answer, headers)
    return reply
  }
  const read = (request: FastifyRequest): OperationParams => {
    if (!request.headers.accept?.includes('text/event-stream')) {
      throw new CodedError('BAD_REQUEST', 'Streams are answered as events: send Accept: text/event-stream.')
    }
    if (request.method === 'GET') {
      const url = request.raw.url ?? ''
      const at = url.indexOf('?')
      return { ...paramsOfSearch(at < 0 ? '' : url.slice(at + 1)), changesNothing: true }
    }
    const parsed = bodySchema.safeParse(request.body)
    if (!parsed.success) throw new CodedError('BAD_REQUEST', 'The body is not a GraphQL request: { "query": "…" }.')
    return parsed.data
  }
  app.route({ method: ['GET', 'POST'], url: path, exposeHeadRoute: false, handler: serve })
  return { close: () => streams.close() }
}

function isRefused({ dataText, errors: [first] }: StreamAnswer): boolean {
  return dataText === undefined && !(first && requestErrors.has(first.code))
}

function refuse(reply: FastifyReply, { body, errors: [first] }: StreamAnswer): FastifyReply {
  const retryAfter = first?.extensions['retryAfter']
  if (typeof retryAfter === 'number') void reply.header('retry-after', Math.ceil(retryAfter))
  void reply.header('content-type', 'application/json; charset=utf-8')
  return reply.code(first ? errorStatus[first.code] : 500).send(body)
}
