import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Identity } from '../request.ts'

/**
 * `GET path`: the graph in the schema definition language, as whoever asks may call it. The app pays for it as for an
 * introspection. A client that has the same text already, told by its `ETag`, gets 304.
 */
export function serveSchema(
  app: FastifyInstance,
  options: {
    readonly path: string
    readonly identify: (request: IncomingMessage) => Promise<Identity>
    /** Charges the app; throws a coded error when it cannot pay. */
    readonly describe: (
      identity: Identity,
      request: { readonly requestId: string },
    ) => Promise<{ readonly text: string; readonly etag: string }>
  },
): void {
  app.get(options.path, async (request, reply) => {
    const identity = await options.identify(request.raw)
    const { text, etag } = await options.describe(identity, { requestId: request.id })
    // Whose it is says the request's credentials, so no cache between may give it to another.
    void reply.header('cache-control', 'private, no-cache').header('etag', etag)
    if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(etag)) return reply.code(304).send()
    return reply
      .header('content-disposition', 'inline; filename="schema.graphql"')
      .header('x-content-type-options', 'nosniff')
      .type('text/plain; charset=utf-8')
      .send(text)
  })
}
