import type { FastifyInstance } from 'fastify'
import { type OperatorDoor, requireOperator } from './operator-only.ts'

/**
 * `GET /metrics` in Prometheus's text format, for the operator: by the credentials of an operator's app, or by a bearer
 * token of its own that opens nothing else. Metrics tell outsiders how busy a platform is, so they are never public.
 */
export function serveMetrics(
  app: FastifyInstance,
  options: OperatorDoor & {
    readonly text: () => Promise<string>
    readonly contentType: string
  },
): void {
  app.get('/metrics', async (request, reply) => {
    await requireOperator(options, request.raw)
    return reply
      .header('cache-control', 'no-store')
      .type(options.contentType)
      .send(await options.text())
  })
}
