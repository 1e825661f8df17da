import type { FastifyInstance } from 'fastify'
import { type OperatorDoor, requireOperator } from './operator-only.ts'

/**
 * `GET /health`: 200 while requests can be served, else 503; for load balancers and container health checks.
 * `GET /health/subgraphs` tells the operator how each subgraph is, after looking.
 */
export function serveHealth(
  app: FastifyInstance,
  options: OperatorDoor & {
    readonly subgraphs: readonly string[]
    readonly isReady: () => boolean
    /** Which supergraph is served, and which one was refused. */
    readonly supergraph: () => object
    /** Null where nobody looks at subgraphs: then there is no such path. */
    readonly report: (() => Promise<object>) | null
  },
): void {
  app.get('/health', async (_request, reply) => {
    const ready = options.isReady()
    return reply.code(ready ? 200 : 503).send({
      status: ready ? 'ok' : 'the database cannot be reached',
      subgraphs: options.subgraphs,
      ...options.supergraph(),
    })
  })
  const { report } = options
  if (report === null) return
  app.get('/health/subgraphs', async (request, reply) => {
    await requireOperator(options, request.raw)
    return reply.header('cache-control', 'no-store').send(await report())
  })
}
