import type { FastifyInstance } from 'fastify'

/** `GET /health`: 200 while the gateway serves a supergraph; for load balancers and container health checks. */
export function serveHealth(app: FastifyInstance, options: { readonly subgraphs: readonly string[] }): void {
  app.get('/health', async () => ({ status: 'ok', subgraphs: options.subgraphs }))
}
