import { isCodedError } from '../../kit/errors.ts'
import type { SubgraphResult } from '../../kit/subgraph-service.ts'
import type { Metrics } from './metrics.ts'

/** What of a transport is observed; all else of it is passed on. */
interface Observed<Request> {
  execute(request: Request): Promise<SubgraphResult>
}

/** Counts and times the calls to one subgraph. */
export function observedTransport<Request, Transport extends Observed<Request>>(
  transport: Transport,
  { name, metrics }: { readonly name: string; readonly metrics: Metrics },
): Transport {
  // Looked up once: finding a child by its labels is most of what a metric costs.
  const ok = metrics.subgraphCalls.labels(name, 'ok')
  const took = metrics.subgraphSeconds.labels(name)
  const running = metrics.subgraphsRunning.labels(name)
  return {
    ...transport,
    async execute(request: Request) {
      const begun = performance.now()
      running.inc()
      try {
        const result = await transport.execute(request)
        ok.inc()
        return result
      } catch (error) {
        metrics.subgraphCalls.labels(name, isCodedError(error) ? error.code : 'INTERNAL').inc()
        throw error
      } finally {
        running.dec()
        took.observe((performance.now() - begun) / 1000)
      }
    },
  }
}
