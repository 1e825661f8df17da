import type { Tracer } from '@opentelemetry/api'
import { fastify } from 'fastify'
import { z } from 'zod'
import type { Caller } from './caller.ts'
import { CodedError, errorStatus, isCodedError } from './errors.ts'
import type { Logger } from './log.ts'
import { sendEventStream } from './send-event-stream.ts'
import { createNonceMemory } from './nonces.ts'
import { signatureLifetimeMs, verifyRequest } from './signature.ts'
import type { SubgraphService } from './subgraph-service.ts'
import { productVersion } from './version.ts'
import { traced } from './traced-subgraph.ts'

export interface SubgraphServerOptions {
  readonly service: SubgraphService
  /** The key that gateways sign with. */
  readonly signatureKey: Uint8Array
  readonly port: number
  readonly host: string
  readonly log: Logger
  readonly now: () => Date
  /** Makes a span of each operation that the gateway traces. */
  readonly tracer?: Tracer | null
}

const bodyLimitBytes = 4 * 1024 * 1024

const bodySchema = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
})

/**
 * Serves a subgraph over HTTP to gateways that sign: `POST /graphql` answers JSON, and a subscription with
 * `Accept: text/event-stream` an event stream after the GraphQL over SSE protocol (distinct connections).
 * `GET /health` needs no signature.
 */
export async function serveSubgraph(options: SubgraphServerOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { service, signatureKey, now, tracer = null } = options
  // What is signed at the far end of the future that is believed is old after two lifetimes.
  const nonces = createNonceMemory(2 * signatureLifetimeMs)
  const app = fastify({ bodyLimit: bodyLimitBytes, forceCloseConnections: true })
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.get('/health', async () => ({ status: 'ok', subgraph: service.name, version: productVersion }))

  app.post('/graphql', async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const receivedAt = now().getTime()
    const caller = verifyRequest(signatureKey, {
      method: 'POST',
      path: '/graphql',
      body,
      headers: request.headers,
      now: receivedAt,
      isNew: (nonce) => nonces.take(nonce, receivedAt),
    })
    const operation = readOperation(body, caller, request.id, request.headers['x-request-id'])
    if (!request.headers.accept?.includes('text/event-stream')) {
      const { traceparent } = request.headers
      return traced(tracer, { ...operation, traceparent }, (asked) => service.execute(asked))
    }
    const results = await service.subscribe(operation)
    // A refusal is one answer and no stream of one, as it is for callers in process.
    if (!(Symbol.asyncIterator in results)) return results
    reply.hijack()
    await sendEventStream(reply.raw, results, { log: options.log })
    return reply
  })

  app.setErrorHandler(async (error: Error & { statusCode?: number }, request, reply) => {
    const coded = isCodedError(error)
      ? error
      : new CodedError(
          error.statusCode !== undefined && error.statusCode < 500 ? 'BAD_REQUEST' : 'INTERNAL',
          error.statusCode !== undefined && error.statusCode < 500
            ? error.message
            : 'Something went wrong on our side.',
        )
    if (coded.code === 'INTERNAL') options.log.error({ err: error, requestId: request.id }, 'a request failed')
    return reply
      .code(errorStatus[coded.code])
      .send({ errors: [{ message: coded.message, extensions: coded.extensions }] })
  })

  await app.listen({ port: options.port, host: options.host })
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('the subgraph server has no TCP address')
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return { url: `http://${host}:${address.port}/graphql`, close: () => app.close() }
}

function readOperation(body: Buffer, caller: Caller, fallbackId: string, requestId: string | string[] | undefined) {
  let json: unknown
  try {
    json = JSON.parse(body.toString('utf8'))
  } catch {
    throw new CodedError('BAD_REQUEST', 'The body is not JSON.')
  }
  const parsed = bodySchema.safeParse(json)
  if (!parsed.success) throw new CodedError('BAD_REQUEST', 'The body is not a GraphQL request.')
  const { query, variables, operationName } = parsed.data
  return {
    query,
    variables: variables ?? undefined,
    operationName: operationName ?? undefined,
    caller,
    requestId: typeof requestId === 'string' ? requestId : fallbackId,
  }
}
