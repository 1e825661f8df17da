import type { IncomingMessage } from 'node:http'
import type { ExecutionResult } from 'graphql'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { CodedError, type ErrorCode, errorStatus, isCodedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { sendEventStream } from '../../kit/send-event-stream.ts'
import type { LiveIdentity } from '../request.ts'
import { type StreamRunner, toExecutionResults } from './stream-operation.ts'
import { isStream } from './stream-reader.ts'

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
    /** Identifies who asks, and tells what becomes of them until it is released. */
    readonly watch: (request: IncomingMessage) => Promise<LiveIdentity>
    readonly run: StreamRunner
    readonly log: Logger
  },
): void {
  app.post(options.path, async (request, reply) => {
    const live = await options.watch(request.raw)
    reply.raw.once('close', () => live.release())
    // A client that left while it was looked up has closed already.
    if (reply.raw.destroyed) live.release()
    const parsed = bodySchema.safeParse(request.body)
    if (!parsed.success) throw new CodedError('BAD_REQUEST', 'The body is not a GraphQL request: { "query": "…" }.')
    if (!request.headers.accept?.includes('text/event-stream')) {
      throw new CodedError('BAD_REQUEST', 'Streams are answered as events: send Accept: text/event-stream.')
    }
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const ran = await options.run(parsed.data, { ...live.current, live }, gone.signal)
    if (!isStream(ran) && ran.dataText === undefined) {
      const [first] = ran.errors
      const retryAfter = first?.extensions['retryAfter']
      if (typeof retryAfter === 'number') void reply.header('retry-after', Math.ceil(retryAfter))
      void reply.header('content-type', 'application/json; charset=utf-8')
      return reply.code(first ? errorStatus[first.code] : 400).send(ran.body)
    }
    const result = toExecutionResults(ran)
    reply.hijack()
    await sendEventStream(reply.raw, Symbol.asyncIterator in result ? withLastWord(result) : result, {
      log: options.log,
      headers: { 'x-request-id': request.id },
    })
    return reply
  })
}

/** What a caller is told who may not follow any more; protocols of event streams have no message for it. */
const lastWords: ReadonlySet<ErrorCode> = new Set(['UNAUTHENTICATED', 'PLAN_FORBIDS', 'FORBIDDEN'])

/** The same feed, which ends with a coded error where the caller has come to an end, and not events. */
function withLastWord(
  feed: AsyncIterableIterator<ExecutionResult, undefined>,
): AsyncIterableIterator<ExecutionResult, undefined> {
  let over = false
  return {
    async next() {
      if (over) return { done: true, value: undefined }
      try {
        return await feed.next()
      } catch (error) {
        if (!isCodedError(error) || !lastWords.has(error.code)) throw error
        over = true
        return { done: false, value: { errors: [error] } }
      }
    },
    async return() {
      over = true
      await feed.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
