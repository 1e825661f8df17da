import type { FastifyInstance } from 'fastify'

/** `GET /health`: 200 while requests can be served, else 503; for load balancers and container health checks. */
export function serveHealth(
  app: FastifyInstance,
  options: { readonly subgraphs: readonly string[]; readonly isReady: () => boolean },
): void {
  app.get('/health', async (_request, reply) => {
    const ready = options.isReady()
    return reply
      .code(ready ? 200 : 503)
      .send({ status: ready ? 'ok' : 'the database cannot be reached', subgraphs: options.subgraphs })
  })
}
