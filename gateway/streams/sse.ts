import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { CodedError, errorStatus, isCodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { sendEventStream } from '../../kit/send-event-stream.ts'
import type { Identity } from '../request.ts'
import type { StreamRunner } from './stream-operation.ts'

const bodySchema = z.object({
  query: z.string().optional(),
  documentId: z.string().optional(),
  extensions: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
})

/**
 * GraphQL over SSE, distinct connections mode: `POST path` with a GraphQL request and `Accept: text/event-stream`.
 * What is refused before the stream begins is answered as JSON with a status.
 */
export function serveEventStreams(
  app: FastifyInstance,
  options: {
    readonly path: string
    readonly identify: (headers: Readonly<Record<string, string | string[] | undefined>>) => Promise<Identity>
    readonly run: StreamRunner
    readonly log: Logger
  },
): void {
  app.post(options.path, async (request, reply) => {
    const identity = await options.identify(request.headers)
    const parsed = bodySchema.safeParse(request.body)
    if (!parsed.success) throw new CodedError('BAD_REQUEST', 'The body is not a GraphQL request: { "query": "…" }.')
    if (!request.headers.accept?.includes('text/event-stream')) {
      throw new CodedError('BAD_REQUEST', 'Streams are answered as events: send Accept: text/event-stream.')
    }
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const result = await options.run(parsed.data, identity, gone.signal)
    if (!(Symbol.asyncIterator in result) && result.data === undefined) {
      const [first] = result.errors ?? []
      const retryAfter = first?.extensions['retryAfter']
      if (typeof retryAfter === 'number') void reply.header('retry-after', Math.ceil(retryAfter))
      return reply.code(isCodedError(first) ? errorStatus[first.code] : 400).send(result)
    }
    reply.hijack()
    await sendEventStream(reply.raw, result, { log: options.log, headers: { 'x-request-id': request.id } })
    return reply
  })
}
