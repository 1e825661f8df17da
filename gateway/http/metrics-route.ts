import type { IncomingMessage } from 'node:http'
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { CodedError } from '../../kit/errors.ts'
import type { Identity } from '../request.ts'

/**
 * `GET /metrics` in Prometheus's text format, for the operator: by the credentials of an operator's app, or by a bearer
 * token of its own that opens nothing else. Metrics tell outsiders how busy a platform is, so they are never public.
 */
export function serveMetrics(
  app: FastifyInstance,
  options: {
    /** Null when only operators' apps may read. */
    readonly token: string | null
    readonly identify: (request: IncomingMessage) => Promise<Identity>
    readonly text: () => Promise<string>
    readonly contentType: string
  },
): void {
  const { token } = options
  app.get('/metrics', async (request, reply) => {
    if (token === null || !sameText(request.headers.authorization ?? '', `Bearer ${token}`)) {
      const { caller } = await options.identify(request.raw)
      if (!caller.operator) {
        throw new CodedError(
          'FORBIDDEN',
          "Metrics are for the platform's operator: use an operator's app or METRICS_TOKEN.",
        )
      }
    }
    return reply
      .header('cache-control', 'no-store')
      .type(options.contentType)
      .send(await options.text())
  })
}

/** Compares in a time that tells nothing of where the texts differ. */
function sameText(given: string, wanted: string): boolean {
  const [one, other] = [given, wanted].map((text) => createHash('sha256').update(text).digest())
  return one !== undefined && other !== undefined && timingSafeEqual(one, other)
}
